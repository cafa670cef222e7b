"""A dbt project as a snapshot keeps it: its nodes, where they go, and what they depend on."""

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DbtTarget(_Form):
    """One output of a profile. Texts may hold Jinja, as the profile has them."""

    adapter: str
    server: str | None = None
    port: str | None = None
    database_name: str | None = None
    schema_name: str | None = None


class DbtNode(_Form):
    """One model, seed, snapshot, source or test. `id` is dbt's: `model.shop.orders`.

    Names of schema, database and table are what its configuration says, None where it says nothing;
    `is_placed` where they are the relation's real names, which no macro of the project changes.
    `written_out` are tables that its SQL names itself, without `ref`; parts may be Jinja.
    """

    id: str
    path: str
    database_name: str | None = None
    schema_name: str | None = None
    alias: str | None = None
    is_placed: bool = False
    materialized: str | None = None
    tags: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    written_out: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """dbt's resource type: `model`, `seed`, `snapshot`, `source` or `test`."""
        return self.id.partition(".")[0]

    @property
    def package(self) -> str:
        """The project that it is defined in."""
        return self.id.split(".", 2)[1]

    @property
    def name(self) -> str:
        """`orders`, `orders.v2`, or of a source `shop.orders`."""
        return self.id.split(".", 2)[2]


class DbtProject(_Form):
    """One dbt project. `path` is its folder as seen from the snapshot's, `folders` are its model
    paths; `macros` are the project's own that name relations, or that names written out call;
    `unread` are files that could not be read, with the reason.
    """

    name: str
    path: str
    profile: str | None = None
    target: str | None = None
    targets: dict[str, DbtTarget] = Field(default_factory=dict)
    folders: tuple[str, ...] = ("models",)
    variables: dict[str, JsonValue] = Field(default_factory=dict)
    macros: dict[str, str] = Field(default_factory=dict)
    selectors: dict[str, JsonValue] = Field(default_factory=dict)
    nodes: tuple[DbtNode, ...] = ()
    unread: tuple[str, ...] = ()
