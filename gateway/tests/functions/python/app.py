"""A function as it is deployed: what API Gateway asks of an authorizer and of routes."""

import json
import os
import signal
import time

if os.environ.get("START") == "crash":
    raise RuntimeError("no database")


def handler(event, context):
    if event.get("type") == "REQUEST":
        return authorize(event)
    if event["requestContext"]["eventType"] == "MESSAGE":
        return on_message(json.loads(event["body"]), context)
    return {"statusCode": 200}


def authorize(event):
    effect = {"good": "Allow", "known": "Deny"}.get(event["queryStringParameters"]["token"])
    if effect is None:
        raise Exception("Unauthorized")
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}
    return {
        "principalId": "alice",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }


def on_message(message, context):
    action = message["action"]
    if action == "echo":
        said = message["data"]
    elif action == "pid":
        said = os.getpid()
    elif action == "say":
        print(message["data"])
        said = None
    elif action == "context":
        said = {
            "function": context.function_name,
            "arn": context.invoked_function_arn,
            "request": context.aws_request_id,
            "left_ms": context.get_remaining_time_in_millis(),
            "trace": os.environ["_X_AMZN_TRACE_ID"],
        }
    elif action == "huge":
        said = "x" * 7 * 1024 * 1024
    elif action == "exit":
        os._exit(message["code"])
    elif action == "abort":
        os.kill(os.getpid(), signal.SIGABRT)
    elif action == "hang":
        time.sleep(600)
    else:
        raise ValueError("unknown action")
    return {"statusCode": 200, "body": json.dumps(said)}
