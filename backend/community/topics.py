"""Topics of communities as they are compared."""

MOST_TOPIC = 40


def topic_key(topic: str) -> str:
    """By which topics are the same: in small letters, with single spaces, at most 40 characters."""
    return " ".join(topic.casefold().split())[:MOST_TOPIC]
