"""A contract for import-linter that its own types cannot state: what is private stays private."""

from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PrivateModulesContract(Contract):
    """Between root packages, no module is imported that has a name with a leading underscore.

    Its `forbidden` type would need every private module listed, and stops on one that is not there.
    """

    type_name = "private_modules"

    packages = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002  # the interface's
        """Collect every import from one of the packages into what another keeps private."""
        offences = sorted(
            (importer, imported)
            for importer in graph.modules
            for imported in graph.find_modules_directly_imported_by(importer)
            if self._crosses(importer, imported)
        )
        return ContractCheck(kept=not offences, metadata={"offences": offences})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Say which module imports which."""
        for importer, imported in check.metadata["offences"]:
            output.print_error(f"{importer} imports the private {imported}")

    def _crosses(self, importer: str, imported: str) -> bool:
        home, *_ = importer.split(".")
        away, *path = imported.split(".")
        names = cast("set[str]", self.packages)
        private = any(name.startswith("_") for name in path)
        return private and home != away and {home, away} <= names
