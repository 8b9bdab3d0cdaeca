"""The authorizer, in Python: may this token connect, and as whom."""

import os

import jwt


def handler(event, context):
    token = (event.get("queryStringParameters") or {}).get("token", "")
    try:
        # The algorithm is pinned. A token with an audience is for something else, so it is refused too.
        claims = jwt.decode(
            token, os.environ["JWT_SECRET"], algorithms=["HS256"], options={"require": ["exp", "sub"]}
        )
    except jwt.InvalidTokenError:
        # API Gateway answers 401 to exactly this text, and 500 to any other.
        raise Exception("Unauthorized") from None
    # arn:aws:execute-api:{region}:{account}:{api}/{stage}/$connect: the policy is for the whole stage.
    api, stage = event["methodArn"].split("/")[:2]
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{api}/{stage}/*"}
    return {
        "principalId": claims["sub"],
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }
