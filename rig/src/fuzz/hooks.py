"""Who asks: an admin, who signs in again when it was asked to end the session."""

import os
import time

import requests
import schemathesis

AUTH = os.environ["STAGEDOOR_AUTH"]
CREDENTIALS = {"email": os.environ["STAGEDOOR_EMAIL"], "password": os.environ["STAGEDOOR_PASSWORD"]}


def sign_in():
    for _ in range(50):
        answer = requests.post(f"{AUTH}/api/users/signin", json=CREDENTIALS, timeout=30)
        if answer.status_code == 200:
            return answer.cookies["access_token"]
        # Too many at once: it says when to come back.
        time.sleep(float(answer.headers.get("Retry-After", "1")))
    raise RuntimeError(f"cannot sign in: {answer.status_code} {answer.text}")


@schemathesis.auth(refresh_interval=5)
class Admin:
    def get(self, case, context):
        return sign_in()

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"
