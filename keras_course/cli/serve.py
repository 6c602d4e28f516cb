"""`keras-course serve` and `show`: models over HTTP, with a page that shows them at work."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from keras_course.cli import options
from keras_course.cli.screen import screen
from keras_course.quiet import quiet_tensorflow

Port = Annotated[int, typer.Option(min=0, max=65535, help="To listen on; 0 takes a free one.")]
Host = Annotated[str, typer.Option(help="To listen on; the default is this machine alone, 0.0.0.0 everybody.")]
MEBIBYTE = 2**20


def serve(
    exports: Annotated[
        list[Path],
        typer.Argument(metavar="EXPORT", help="SavedModel: NAME/, whose highest version is served, or NAME/VERSION/."),
    ],
    port: Port = 8501,
    host: Host = "127.0.0.1",
    max_batch: Annotated[int, typer.Option(min=1, max=10_000, help="Most inputs that are computed together.")] = 64,
    max_wait_ms: Annotated[
        float, typer.Option(min=0, max=10_000, help="Longest wait of a request for others to be computed with.")
    ] = 0,
    max_waiting: Annotated[
        int, typer.Option(min=1, max=100_000, help="Most requests under way; more are told to come again later.")
    ] = 256,
    max_megabytes: Annotated[int, typer.Option(min=1, max=1024, help="Longest request, in MiB.")] = 16,
) -> None:
    """Serve SavedModels over HTTP, with a page to try them on.

    The interface is TensorFlow Serving's REST one.

    A version that appears in NAME/ later is picked up. SIGTERM and Ctrl+C stop the server; what is under way is
    answered first.
    """
    _start()
    from keras_course.serve import Limits

    limits = Limits(max_batch, max_wait_ms, max_waiting, max_megabytes * MEBIBYTE)
    _serve(exports, host=host, port=port, limits=limits)


def show(
    run_dir: Annotated[Path, typer.Argument(metavar="RUN_DIR", help="Run folder, also of a training that goes on.")],
    port: Port = 8501,
    host: Host = "127.0.0.1",
    imports: options.Imports = None,
) -> None:
    """Show a run in the browser, while it trains and after.

    The page has its curves, and its model at work once there is one.
    """
    _start()
    from keras_course.serve import RunView

    with tempfile.TemporaryDirectory() as scratch:
        view = RunView(run_dir, scratch)
        _serve([], host=host, port=port, run=view)


def _start() -> None:
    quiet_tensorflow()
    try:
        import keras_course.serve.app  # noqa: F401
    except ImportError as error:
        raise ValueError(f'the server needs the extra `serve`: pip install "keras_course[serve]" ({error})') from error


def _serve(exports: list[Path], **told: Any) -> None:
    from keras_course.serve import serve as serve_until_stopped

    def started(address: str) -> None:
        screen().print(f"serving at {address}; Ctrl+C stops it", soft_wrap=True)

    serve_until_stopped(exports, started=started, **told)
