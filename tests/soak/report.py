"""docs/soak.md: a part for each build, of which only the one that has run is written anew."""
import os
import re

import programs

HEAD = f"""# The last soaks

Written by scripts/soak: all programs over TCP, TLS, WebSocket, WSS and Unix sockets, at every QoS, with MQTT 5.0 and 3.1.1,
between two mosquittos, while connections are cut and brokers restarted. Counts must be exact: at QoS 1 nothing is
lost, at QoS 2 nothing is lost or doubled, every request has one answer. What a program takes must be flat: the most
memory of the last quarter is at most {round((programs.MEMORY_SHARE - 1) * 100)} % and {programs.MEMORY_KIB} KiB ({programs.SANITIZED_KIB} KiB for the asan build,
whose allocator takes its share of pages late) above that of the second quarter, and there are no more descriptors. mqtt-bench alone may take 4 KiB more a second, since it keeps the course of its run second by second, for up to two hours.
mqtt-pub may end with 6 when it has told how many messages at QoS 0 were lost with a connection.
"""


def counts(soak, bench):
    """Rows of counts, and what is wrong with them."""
    rows, faults = [], []
    for checker, verdict in soak.verdicts():
        for fault in verdict.faults():
            faults.append(f"{checker.what}: {fault}")
        rows.append((checker.what, verdict.given, verdict.lost, verdict.doubled))
    total = [[sum(row[column][qos] for row in rows) for qos in range(3)] for column in (1, 2, 3)]
    lines = [f"| QoS {qos} | {total[0][qos]} | {total[1][qos]} | {total[2][qos]} |" for qos in range(3)]
    for requester, got in zip(soak.requesters, soak.answers()):
        lines.append(f"| {requester.what} | {soak.asked} | {soak.asked - got} | |")
        if got != soak.asked:
            faults.append(f"{requester.what}: {soak.asked} requests, {got} answers")
    lines.append(f"| mqtt-bench, QoS 1 | {bench['sent']} | {bench['lost']} | {bench['duplicated']} |")
    if bench["lost"] or not bench["sent"]:
        faults.append(f"mqtt-bench: sent {bench['sent']}, lost {bench['lost']}")
    return lines, faults


def memory(soak):
    lines, faults = [], []
    for program in soak.programs:
        wrong = list(program.faults())
        faults += [f"{program.what}: {each}" for each in wrong]
        if len(program.samples) < 8:
            continue
        (before, some), (after, more) = program.quarter(2), program.quarter(4)
        lines.append(f"| {program.what} | {before} | {after} | {some} | {more} | {'; '.join(wrong) or ('within its bound' if program.grows else 'flat')} |")
    return lines, faults


def part(name, minutes, today, soak, bench):
    lines, faults = counts(soak, bench)
    taken, more = memory(soak)
    faults += more
    text = [f"## {name}", "",
            f"{today}, {minutes:g} minutes, {soak.cuts} cuts of all connections of a broker, {soak.restarts} restarts: "
            f"{'FAILED' if faults else 'passed'}", "",
            "| what | given | lost | doubled |", "|---|---|---|---|", *lines, "",
            "| program | KiB, 2nd quarter | KiB, 4th | descriptors, 2nd quarter | 4th | |", "|---|---|---|---|---|---|",
            *taken, ""]
    return "\n".join(text), faults


def write(path, name, minutes, today, soak, bench):
    text, faults = part(name, minutes, today, soak, bench)
    parts = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            for found in re.finditer(r"^## (\w+)\n.*?(?=^## |\Z)", file.read(), re.M | re.S):
                parts[found[1]] = found[0]
    parts[name] = text
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join([HEAD, *(each.rstrip("\n") + "\n" for _, each in sorted(parts.items()))]))
    return faults
