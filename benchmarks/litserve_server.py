"""LitServe with a SavedModel, for `benchmarks/serving.py`: PATH PORT MAX_BATCH_SIZE BATCH_TIMEOUT."""

import sys

import litserve
import numpy as np


class SavedModelAPI(litserve.LitAPI):
    """Takes and gives what TensorFlow Serving's REST interface has, for one image a request."""

    def __init__(self, path: str, **options):
        super().__init__(**options)
        self.path = path

    def setup(self, device):
        """Loads the model in the worker."""
        import tensorflow as tf

        self.constant = tf.constant
        self.loaded = tf.saved_model.load(self.path)
        self.function = self.loaded.signatures["serving_default"]

    def decode_request(self, request):
        """Returns the image."""
        return np.array(request["instances"][0], np.uint8)

    def batch(self, inputs):
        """Joins images."""
        return np.stack(inputs)

    def predict(self, x):
        """Runs the model on a batch, or on one image where requests aren't batched."""
        images = x if x.ndim == 4 else x[np.newaxis]
        found = self.function(images=self.constant(images))
        rows = list(zip(found["probabilities"].numpy(), found["class_id"].numpy(), strict=True))
        return rows if x.ndim == 4 else rows[0]

    def unbatch(self, output):
        """Parts a batch again."""
        return output

    def encode_response(self, output):
        """Returns the answer as JSON has it."""
        probabilities, class_id = output
        return {"predictions": [{"probabilities": probabilities.tolist(), "class_id": int(class_id)}]}


if __name__ == "__main__":
    path, port, batch, wait = sys.argv[1:]
    api = SavedModelAPI(path, max_batch_size=int(batch), batch_timeout=float(wait), api_path="/v1/models/lenet:predict")
    server = litserve.LitServer(api, accelerator="cpu", devices=1, workers_per_device=1, timeout=60)
    server.run(host="127.0.0.1", port=int(port), log_level="error", generate_client_file=False, num_api_servers=1)
