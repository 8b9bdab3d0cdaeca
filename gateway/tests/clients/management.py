"""Calls /@connections with boto3, and prints what it saw as JSON.

Its one argument is JSON too: `endpoint`, `wrong_endpoint`, `access_key_id`, `secret_access_key`, and the connection
ids `reader` (reads what is posted), `leaver` (is deleted), `sleeper` (reads nothing) and `nobody` (never was).
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

TOLD = json.loads(sys.argv[1])


def client(endpoint=TOLD["endpoint"], key=TOLD["access_key_id"], secret=TOLD["secret_access_key"]):
    # One attempt: a retry of a post that was refused for its size or its rate would only hide the first answer.
    config = Config(retries={"total_max_attempts": 1}, proxies={}, read_timeout=30)
    return boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=config,
    )


def error(call, **arguments):
    """The error of a call, by the type that a handler would name in `except`."""
    try:
        call(**arguments)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return {"type": type(error).__name__, "code": code, "status": status(error.response)}
    return None


def status(response):
    return response["ResponseMetadata"]["HTTPStatusCode"]


def until_full(post):
    for _ in range(2000):
        refused = error(post, ConnectionId=TOLD["sleeper"], Data=b"x" * 131072)
        if refused:
            return refused
    return None


def main():
    api = client()
    posted = api.post_to_connection(ConnectionId=TOLD["reader"], Data="héllo from boto3".encode())
    got = api.get_connection(ConnectionId=TOLD["reader"])
    deleted = api.delete_connection(ConnectionId=TOLD["leaver"])
    print(
        json.dumps(
            {
                "post": status(posted),
                "get": {
                    "status": status(got),
                    "source_ip": got["Identity"]["SourceIp"],
                    "is_date": got["ConnectedAt"].year > 2000 and got["LastActiveAt"] >= got["ConnectedAt"],
                },
                "delete": status(deleted),
                "post_to_nobody": error(api.post_to_connection, ConnectionId=TOLD["nobody"], Data=b"x"),
                "get_nobody": error(api.get_connection, ConnectionId=TOLD["nobody"]),
                "delete_nobody": error(api.delete_connection, ConnectionId=TOLD["nobody"]),
                "too_large": error(
                    api.post_to_connection, ConnectionId=TOLD["reader"], Data=b"x" * 131073
                ),
                "wrong_stage": error(
                    client(endpoint=TOLD["wrong_endpoint"]).post_to_connection,
                    ConnectionId=TOLD["reader"],
                    Data=b"x",
                ),
                "full": until_full(api.post_to_connection),
                "wrong_key": error(client(key="AKIDANOTHER").get_connection, ConnectionId=TOLD["reader"]),
                "wrong_secret": error(client(secret="another").get_connection, ConnectionId=TOLD["reader"]),
            }
        )
    )


main()
