"""A project as readable JSON, a setting a line; read strictly, as it may come from anywhere."""

from __future__ import annotations

import codecs
import json

import msgspec
from msgspec import Struct

from cnnviz.data.datasets import data_set
from cnnviz.network_file import decode_network, encode_network
from cnnviz.project import VERSION, Project
from cnnviz.strict_json import check_header, decode_json, refuse_twice


def encode_project(project: Project) -> bytes:
    """The project as readable JSON: a setting a line, a layer a line."""
    document = msgspec.to_builtins(project)
    del document["network"]
    if not document["preparation"]:  # older versions know none, and read a file without
        del document["preparation"]
    lines = [f"{json.dumps(name)}: {_by_line(value)}" for name, value in document.items()]
    network = encode_network(project.network).decode().rstrip().replace("\n", "\n ")
    return "{{{}}}\n".format(",\n ".join([*lines, f'"network": {network}'])).encode()


def _by_line(value: object) -> str:
    """A value as JSON; of an object each member on a line of its own."""
    if isinstance(value, dict):
        members = (f"{json.dumps(name)}: {_by_line(member)}" for name, member in value.items())
        return "{{\n  {}}}".format(",\n  ".join(members))
    return msgspec.json.encode(value).decode()


def decode_project(data: bytes) -> Project:
    """Read a project from JSON.

    Raises:
        UserError: what was found, what was expected and where, in one sentence.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    check_header(data, "cnnviz-project", VERSION)
    project = decode_json(data, Project)
    # The network has a format and a version of its own, and its layers need their uids.
    network = decode_network(bytes(decode_json(data, _Parts).network))
    refuse_twice(data)
    data_set(project.dataset)
    return msgspec.structs.replace(project, network=network)


class _Parts(Struct):
    network: msgspec.Raw
