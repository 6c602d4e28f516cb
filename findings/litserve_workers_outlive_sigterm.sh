#!/usr/bin/env bash
# LitServe 0.2.19, LitServer.run() with one worker: a SIGTERM to the process that was started ends it, but not its children. The
# inference worker (started by spawn) and the process that answers HTTP go on as orphans, poll, and keep the port, so `kill`,
# `Popen.terminate`, a shell's timeout or a supervisor that signals one process leaves a server that nobody owns.
# Seen: all of the children alive ten seconds after the parent had ended, and requests still answered.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "litserve==0.2.19" "psutil==7.2.2"
cat > "$folder/server.py" <<'PY'
import sys

import litserve


class Square(litserve.LitAPI):
    def setup(self, device):
        pass

    def predict(self, request):
        return {"square": request["x"] ** 2}


if __name__ == "__main__":
    litserve.LitServer(Square(), accelerator="cpu").run(port=int(sys.argv[1]), host="127.0.0.1", generate_client_file=False)
PY
"$folder/venv/bin/python" - "$folder/server.py" <<'PY'
import importlib.metadata
import json
import socket
import subprocess
import sys
import time
import urllib.request

import psutil

with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
quiet = subprocess.DEVNULL
process = subprocess.Popen([sys.executable, sys.argv[1], str(port)], stdout=quiet, stderr=quiet)


def ask():
    body = json.dumps({"x": 3}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/predict", body, {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=10))


for _ in range(120):
    try:
        ask()
        break
    except OSError:
        time.sleep(0.5)
children = psutil.Process(process.pid).children(recursive=True)
try:
    process.terminate()
    process.wait(30)
    time.sleep(10)
    alive = [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    try:
        answer = ask()
    except OSError as error:
        answer = error
    print(f"LitServe {importlib.metadata.version('litserve')}: {len(alive)} of {len(children)} children alive, answer {answer}")
    assert alive and answer == {"square": 9}
finally:
    for child in children:
        if child.is_running():
            child.kill()
PY
