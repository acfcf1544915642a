"""The base of all mirror tables and their one MetaData."""

from typing import Any

from sqlalchemy import BigInteger, MetaData
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

SCHEMA = "mirror"
metadata = MetaData(schema=SCHEMA)


class MirrorTable(SQLModel, registry=registry(metadata=metadata)):
    """Base of every table that the indexer writes. Other programs only read them."""

    __table_args__: Any = {"sqlite_with_rowid": False}


def key(sa_type: Any = BigInteger) -> Any:
    """A column of the primary key, in the order of the class."""
    return Field(primary_key=True, sa_type=sa_type, sa_column_kwargs={"autoincrement": False})


def column(sa_type: Any = BigInteger, *, index: bool = False, nullable: bool = False) -> Any:
    return Field(sa_type=sa_type, index=index, nullable=nullable)
