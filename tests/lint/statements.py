"""The statements of the standards and our own rules, and the tests whose names begin with their ids."""

import csv
import re
import typing

# name, table, prefix in the table, prefix in test names
TABLES = [
    ("MQTT 5.0", "mqtt5-statements.tsv", "MQTT-", "MQTT-"),
    ("MQTT 3.1.1", "mqtt311-statements.tsv", "MQTT-", "MQTT311-"),
    ("rules without a number", "mqttkit-rules.tsv", "MQTTKIT-", "MQTTKIT-"),
]
LITERALS = r'((?:\s*"(?:[^"\\]|\\.)*")+)'
TEST_CASE = re.compile(r"\bTEST_CASE(?:_FIXTURE\s*\([^,\"]*,|_TEMPLATE\s*\(|\s*\()" + LITERALS + r"(\s*\*\s*doctest::skip)?")
VECTOR = re.compile(r'\{"((?:\[MQTT[^"]*\])+ [^"]*)",\s*v\d')
IDS = re.compile(r"(?:\[MQTT(?:311|KIT)?-[^\]]*\]\s*)+")
ID = re.compile(r"\[(MQTT(?:311|KIT)?-[^\]]*)\]")

# A vector is run by a test of this name.
VECTOR_RUN_BY = {
    "vectors_invalid": "vectors: each invalid one is refused for its reason",
    "vectors_valid": "vectors: each decodes to its meaning",
}


class Test(typing.NamedTuple):
    """One that shows a statement."""

    file: str  # below tests/
    name: str  # whole, as the test program knows it
    vectors: bool = False  # the rows of a table, as data of that test

    def title(self):
        return IDS.sub("", self.name, count=1) if IDS.match(self.name) else self.name


def statements(folder):
    """Each table's rows by the id that test names use."""
    tables = {}
    for name, file, theirs, ours in TABLES:
        with open(folder / file, encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            tables[name] = {row["id"].replace(theirs, ours, 1): row for row in rows}
    return tables


def binds_us(row):
    return row["binds"] in ("client", "both")


def unescaped(literals):
    text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals))
    return re.sub(r"\\(.)", r"\1", text)


def tests_by_id(tests):
    """Every id at the beginning of the name of a test, or of a vector, with those that bear it."""
    found = {}
    for path in sorted(tests.glob("**/*.cpp")):
        file = path.relative_to(tests).as_posix()
        code = re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        named = [(unescaped(literals), False) for literals, skipped in TEST_CASE.findall(code) if not skipped]
        if path.stem.startswith("vectors"):
            named += [(name, True) for name in VECTOR.findall(code)]
        for name, vector in named:
            leading = IDS.match(name)
            if not leading:
                continue
            run_by = next((test for stem, test in VECTOR_RUN_BY.items() if path.stem.startswith(stem)), name)
            test = Test(file, run_by if vector else name, vector)
            for statement in ID.findall(leading.group()):
                if test not in found.setdefault(statement, []):
                    found[statement].append(test)
    return found
