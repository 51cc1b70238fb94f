"""An S3 server on a free port of this machine, which checks signatures and rights.

Prints one line of JSON when it is ready: where it listens, the bucket, an access key that may do all and one that may only read. Ends when its
standard input does, so that it never outlives the test that started it.

With `die` it ends at once, as if killed, when the third part of an upload comes; with `fail` it answers that part, however often it comes, with an
error of its own.
"""

import json
import logging
import os
import sys
import threading

# The first calls make the users; from then on every request is checked.
SETTING_UP = 7
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = str(SETTING_UP)

import boto3
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

REGION = "eu-north-1"
BUCKET = "company-se"

HOW = sys.argv[1] if len(sys.argv) > 1 else ""
application = DomainDispatcherApplication(create_backend_app)


def serve(environ, start_response):
    if HOW and "partNumber=3" in environ["QUERY_STRING"]:
        size = int(environ["CONTENT_LENGTH"])
        environ["wsgi.input"].read(size // 2)
        if HOW == "die":
            os._exit(1)
        environ["wsgi.input"].read(size - size // 2)
        start_response("500 Internal Server Error", [("Content-Type", "application/xml")])
        return [b"<Error><Code>InternalError</Code><Message>key " + environ["HTTP_AUTHORIZATION"].encode() + b"</Message></Error>"]
    return application(environ, start_response)


logging.getLogger("werkzeug").setLevel(logging.ERROR)
# One request at a time: what S3 promises of conditional writes, moto alone does not.
server = make_server("127.0.0.1", 0, serve, threaded=False)
threading.Thread(target=server.serve_forever, daemon=True).start()
endpoint = f"http://127.0.0.1:{server.server_port}"


def client(service):
    return boto3.client(
        service, endpoint_url=endpoint, region_name=REGION, aws_access_key_id="setup", aws_secret_access_key="setup"
    )


def user(name, action):
    iam = client("iam")
    iam.create_user(UserName=name)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
    iam.put_user_policy(UserName=name, PolicyName="policy", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


writer = user("writer", "s3:*")
reader = user("reader", ["s3:Get*", "s3:List*"])
client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
ready = {"endpoint": endpoint, "region": REGION, "bucket": BUCKET, "writer": writer, "reader": reader}
print(json.dumps(ready), flush=True)
sys.stdin.read()
