"""Exports over HTTP: TensorFlow Serving's REST interface, and a page that shows a model at work (extra `serve`).

| TensorFlow Serving's REST interface | here |
| --- | --- |
| `POST /v1/models/NAME:predict`, `/versions/N:predict` | yes |
| row format `instances`, column format `inputs`, `signature_name` | yes |
| one output without its name, several by name; names in `_bytes` as `{"b64": ...}` | yes |
| `NaN`, `Infinity`, `-Infinity` in requests and answers | yes |
| `{"b64": ...}` for text inputs | yes; for `images` uint8 a picture file too, which TensorFlow Serving lacks |
| `GET /v1/models/NAME`, `/versions/N`, `/metadata` | yes |
| errors as `{"error": "..."}`, 404 for what is not served | yes |
| a new version replaces the old one | yes; of the versions in a folder the highest is served, as by default there |
| batching | `--max-batch`, `--max-wait-ms` in place of a file of parameters |
| metrics for Prometheus | `GET /metrics` |
| `/labels/LABEL`, `:classify`, `:regress`, version policies, gRPC, TLS | no |
| pictures as `multipart/form-data`, fields `resize`, `invert` | only here |
"""

from typing import TYPE_CHECKING

from keras_course import publish

if TYPE_CHECKING:
    from keras_course.serve.app import build_app as build_app
    from keras_course.serve.limits import Limits as Limits
    from keras_course.serve.run_view import RunView as RunView
    from keras_course.serve.running import serve as serve

publish(globals(), {"app": ["build_app"], "limits": ["Limits"], "run_view": ["RunView"], "running": ["serve"]})
