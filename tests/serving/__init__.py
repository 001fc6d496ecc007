"""A scripted model server for tests and benchmarks: both APIs over real HTTP, streamed or whole, and every fault.

with ScriptedServer([Say("hello", input_tokens=12), Fail(429, retry_after="1")]) as server:
    ...  # server.base_url for chat completions, server.anthropic_url for messages
    server.requests[0].body["messages"]
"""

from serving.script import Drop, Fail, Hang, Raw, Received, Say, Scripted, Wire
from serving.server import ScriptedServer

__all__ = ["Drop", "Fail", "Hang", "Raw", "Received", "Say", "Scripted", "ScriptedServer", "Wire"]
