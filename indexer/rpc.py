"""JSON-RPC over keep-alive HTTP: batches, several endpoints, retries with jitter. Every answer's frame is checked."""

import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import urllib3

from indexer.errors import FatalError, RetryableError

CONNECT_SECONDS, READ_SECONDS = 5, 30
BATCH = 100  # calls per HTTP request; hosted nodes refuse more
ATTEMPTS = 4
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0  # seconds
TOO_LARGE = re.compile(
    r"too many|too large|too big|limit|exceed|more than|response size|block range|range is|timed? ?out", re.IGNORECASE
)

Call = tuple[str, Sequence[Any]]
Pause = Callable[[float], object]


class NodeError(RetryableError):
    """The node answered a call with an error of its own."""

    def __init__(self, method: str, message: str) -> None:
        super().__init__(f"The node refused {method}: {message}")
        self.too_large = method == "eth_getLogs" and TOO_LARGE.search(message) is not None


class NodeBusy(RetryableError):
    """The node asked for a pause."""

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Rpc:
    """Calls to one chain through the first endpoint that answers; a failing one makes way for the next.

    `pause(seconds)` waits. `errors` counts failed requests since the start.
    """

    def __init__(self, endpoints: Sequence[str], chain_id: int, *, pause: Pause) -> None:
        if not endpoints:
            raise FatalError("No JSON-RPC endpoint is set: set KOINON_RPC.")
        for url in endpoints:
            if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
                raise FatalError(f"The JSON-RPC endpoint {url!r} is no http:// or https:// address: fix KOINON_RPC.")
        self._endpoints = list(endpoints)
        self._chain_id = chain_id
        self._pause = pause
        self._checked: set[str] = set()
        self._ids = 0
        self._pool = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        )
        self.errors = 0

    @property
    def endpoint(self) -> str:
        """The endpoint in use, without what may be a secret in its path or user part."""
        parts = urlsplit(self._endpoints[0])
        return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")

    @property
    def local(self) -> bool:
        """Whether the node is on this machine, so that asking often harms nobody."""
        return urlsplit(self._endpoints[0]).hostname in {"127.0.0.1", "localhost", "::1"}

    @property
    def endpoint_count(self) -> int:
        return len(self._endpoints)

    def set_aside(self) -> None:
        """The next endpoint is used from now on."""
        self._endpoints.append(self._endpoints.pop(0))

    def call(self, calls: Sequence[Call], *, attempts: int = ATTEMPTS, lenient: bool = False) -> list[Any]:
        """The results in order, all from one endpoint.

        Raises NodeError when the node refuses a call, RetryableError when no endpoint answers sensibly, and FatalError
        when an endpoint is of another chain. `lenient`: a refusal is not raised but stands where the result would.
        """
        failures = 0
        while True:
            try:
                self._check_chain()
                return self._batches(calls, lenient=lenient)
            except RetryableError as error:
                self.errors += 1
                failures += 1
                if failures == attempts or (isinstance(error, NodeError) and error.too_large):
                    raise
                self.set_aside()
                self._pause(_seconds(error, failures))

    def _check_chain(self) -> None:
        url = self._endpoints[0]
        if url in self._checked:
            return
        [answer] = self._batches([("eth_chainId", [])])
        chain_id = quantity(answer)
        if chain_id != self._chain_id:
            raise FatalError(
                f"The node at {self.endpoint} is of chain {chain_id}, not {self._chain_id}: "
                "fix KOINON_RPC or KOINON_CHAIN_ID."
            )
        self._checked.add(url)

    def _batches(self, calls: Sequence[Call], *, lenient: bool = False) -> list[Any]:
        results: list[Any] = []
        for start in range(0, len(calls), BATCH):
            results += self._batch(calls[start : start + BATCH], lenient=lenient)
        return results

    def _batch(self, calls: Sequence[Call], *, lenient: bool) -> list[Any]:
        first = self._ids + 1
        self._ids += len(calls)
        requests = [
            {"jsonrpc": "2.0", "id": first + index, "method": method, "params": list(params)}
            for index, (method, params) in enumerate(calls)
        ]
        answers = self._post(requests)
        if isinstance(answers, dict) and "error" in answers:  # one error for the whole batch
            answers = [answers | {"id": first + index} for index in range(len(calls))]
        if not isinstance(answers, list) or not all(isinstance(answer, dict) for answer in answers):
            raise RetryableError(f"The node at {self.endpoint} answered a batch with something else.")
        by_id = {answer.get("id"): answer for answer in answers}
        if len(answers) != len(calls) or by_id.keys() != {request["id"] for request in requests}:
            raise RetryableError(f"The node at {self.endpoint} left out answers of a batch.")
        results = [_result(method, by_id[first + index]) for index, (method, _) in enumerate(calls)]
        refused = next((result for result in results if isinstance(result, NodeError)), None)
        if refused is not None and not lenient:
            raise refused
        return results

    def _post(self, requests: list[dict[str, Any]]) -> Any:
        try:
            response = self._pool.request(
                "POST",
                self._endpoints[0],
                body=json.dumps(requests).encode(),
                headers={"Content-Type": "application/json"},
            )
        except urllib3.exceptions.HTTPError as error:
            raise RetryableError(f"The node at {self.endpoint} does not answer ({type(error).__name__}).") from error
        if response.status == 413:
            raise NodeError(requests[0]["method"], "response too large (HTTP 413)")
        if response.status == 429:
            raise NodeBusy(f"The node at {self.endpoint} asks for a pause.", seconds=_retry_after(response))
        try:
            return json.loads(response.data)
        except ValueError as error:
            raise RetryableError(
                f"The node at {self.endpoint} answered HTTP {response.status} without JSON."
            ) from error


def quantity(value: Any) -> int:
    """The int of a JSON-RPC quantity. Raises RetryableError when it is none."""
    try:
        return int(value, 16)
    except (TypeError, ValueError) as error:
        raise RetryableError(f"The node answered {value!r} where a number belongs.") from error


def _result(method: str, answer: dict[str, Any]) -> Any:
    error = answer.get("error")
    if error is not None:
        message = error.get("message") if isinstance(error, dict) else error
        return NodeError(method, " ".join(str(message).split())[:300])
    if "result" not in answer:
        raise RetryableError(f"The node answered {method} with neither result nor error.")
    return answer["result"]


def _retry_after(response: urllib3.BaseHTTPResponse) -> float:
    value = response.headers.get("Retry-After", "1")
    return min(float(value), 6 * LONGEST_PAUSE) if value.isdigit() else 1.0


def _seconds(error: RetryableError, failures: int) -> float:
    if isinstance(error, NodeBusy):
        return error.seconds
    jitter = random.uniform(0.5, 1.5)  # noqa: S311 - no secret
    return min(LONGEST_PAUSE, FIRST_PAUSE * 4.0 ** (failures - 1)) * jitter
