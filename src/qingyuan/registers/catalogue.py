"""The kinds there are: read from the domains' ``registers.yaml`` by the interfaces and handed down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from qingyuan.base.errors import QingyuanError
from qingyuan.registers.flow import soundness
from qingyuan.registers.flow.declared import Kind
from qingyuan.registers.flow.reading import kinds
from qingyuan.standards.schema import FaultyLibrary


class UnknownKind(QingyuanError):
    """There is no such kind of register."""


@dataclass(frozen=True)
class Catalogue:
    """Kinds by name."""

    kinds: Mapping[str, Kind]

    def kind(self, name: str) -> Kind:
        """The kind of this name. Raises UnknownKind."""
        try:
            return self.kinds[name]
        except KeyError:
            raise UnknownKind(f"There is no register {name!r}", f"Use one of {', '.join(self.kinds)}") from None


def load(files: Iterable[tuple[str, Path]]) -> Catalogue:
    """The kinds of files, each with its domain. Raises FaultyLibrary, also for a name given twice."""
    found: dict[str, Kind] = {}
    for domain, file in files:
        for name, kind in kinds(file, domain).items():
            if name in found:
                raise UnknownKind(
                    f"The register {name!r} is declared twice: {found[name].domain}, {domain}", "Rename one"
                )
            found[name] = kind
    for kind in found.values():
        for place, what in soundness.referred(kind, found):
            raise FaultyLibrary(f"{kind.domain}/registers.yaml: {kind.name}.{place}: {what}", "Name a field it has")
    return Catalogue(found)
