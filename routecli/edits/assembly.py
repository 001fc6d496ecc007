"""Intents and files as one Patch, all in memory: either every edit finds its place or none is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, replace

from routecli.domain.patch import FileEdit, Match, Patch, Placement
from routecli.domain.task import RepoPath
from routecli.edits import paths, placing
from routecli.edits.filetext import Change, FileText, NotText, decode, new_file
from routecli.edits.intents import Broken, Intent, Move, Remove, Replace, SetMode, Write
from routecli.edits.merging import opcodes
from routecli.edits.paths import Names
from routecli.edits.refusals import EditsRefused, Refusal, RefusalKind
from routecli.edits.suggesting import fits_elsewhere
from routecli.edits.wholeness import shortened
from routecli.edits.working import Working
from routecli.nouns import dataclass
from routecli.ports import FileModes

MAX_FILES = 500
MAX_NEW_LINES = 20_000
MAX_FILE_BYTES = 4_000_000
_MODES = frozenset({"100644", "100755"})


class Refused(Exception):
    """One edit cannot be made."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.what)
        self.refusal = refusal


@dataclass(slots=True)
class Slot:
    """One path while a reply is worked in. `working` None: no file there (any more)."""

    path: RepoPath
    before: bytes | None
    working: Working | None
    mode: str = ""
    mode_before: str = ""
    written: bool = False
    touched: bool = False


@dataclass(slots=True)
class Assembly:
    """Works intents into slots, in the order of the reply."""

    names: Names
    slots: dict[RepoPath, Slot] = field(default_factory=dict)
    placements: list[Placement] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    already_there: int = 0
    new_lines: int = 0
    seen: set[tuple[str, object]] = field(default_factory=set)

    def patch(self, intents: Iterable[Intent]) -> Patch:
        """The patch. Raises EditsRefused with every reason there is."""
        for intent in intents:
            try:
                self._take(intent)
            except Refused as fault:
                self.refusals.append(fault.refusal)
        if not self.refusals:
            self.refusals += self._whole()
        if self.refusals:
            raise EditsRefused(tuple(self.refusals), already_there=self.already_there)
        edits = [edit for slot in self.slots.values() if (edit := _edit(slot)) is not None]
        if len(edits) > MAX_FILES:
            raise EditsRefused((Refusal(RefusalKind.TOO_BIG, "", f"more than {MAX_FILES} files are changed"),))
        edits.sort(key=lambda e: e.path)
        if not edits and not self.already_there:
            self.already_there = 1
        return Patch(tuple(edits), tuple(self.placements), self.already_there)

    def _take(self, intent: Intent) -> None:
        match intent:
            case Broken():
                raise Refused(refusal(intent, intent.kind, intent.what, intent.path))
            case Replace():
                self._replace(intent)
            case Write():
                self._write(intent)
            case Remove():
                self._remove(intent)
            case Move():
                self._move(intent)
            case SetMode():
                self._set_mode(intent)

    def _set_mode(self, intent: SetMode) -> None:
        slot = self._slot(intent, self._existing(intent))
        if intent.told:
            if not slot.mode:
                slot.mode = slot.mode_before = intent.mode
            return
        if not slot.mode_before:
            slot.mode_before = intent.old if intent.old in _MODES else "100644"
        if slot.mode_before == intent.mode and not slot.touched:
            self.already_there += 1
        slot.mode = intent.mode
        slot.touched |= slot.mode_before != intent.mode

    def _existing(self, intent: Intent) -> RepoPath:
        """The file that an intent changes. Raises Refused where there is none or it may not be changed."""
        spelled = self.names.spelled(intent.path)
        if spelled in self.slots:
            return spelled
        path = self.names.existing(spelled)
        if path is None:
            why = paths.fault(spelled)
            if why:
                raise Refused(refusal(intent, RefusalKind.BAD_PATH, why, spelled))
            ending = self.names.ending(spelled)
            if ending:
                what = "more than one file has this name: give the whole path"
                raise Refused(replace(refusal(intent, RefusalKind.AMBIGUOUS, what, spelled), fits_in=tuple(ending[:5])))
            what = "there is no such file"
            fits = fits_elsewhere(self.names, intent, spelled)
            raise Refused(replace(refusal(intent, RefusalKind.MISSING_FILE, what, spelled), fits_in=fits))
        why = paths.fault(path)
        if why:
            raise Refused(refusal(intent, RefusalKind.BAD_PATH, why, path))
        if self.names.scope is not None and path not in self.names.scope:
            what = "this file was not given to you: only files of the task may be changed"
            raise Refused(refusal(intent, RefusalKind.OUT_OF_SCOPE, what, path))
        return path

    def _slot(self, intent: Intent, path: RepoPath) -> Slot:
        slot = self.slots.get(path)
        if slot is not None:
            return slot
        raw = self.names.files.read(path)
        if raw is None and path in self.names.known:
            raise Refused(refusal(intent, RefusalKind.LINK, "it is a link or a folder, not a file", path))
        if raw is not None and len(raw) > MAX_FILE_BYTES:
            raise Refused(refusal(intent, RefusalKind.TOO_BIG, f"the file is over {MAX_FILE_BYTES} bytes", path))
        working = None
        if raw is not None:
            try:
                working = Working(decode(raw))
            except NotText as fault:
                if not isinstance(intent, Remove | Move):
                    raise Refused(refusal(intent, RefusalKind.NOT_TEXT, str(fault), path)) from None
                working = Working(FileText((), ()), raw=raw)
        slot = self.slots[path] = Slot(path, raw, working)
        if raw is not None and isinstance(self.names.files, FileModes):
            known = self.names.files.mode(path)
            slot.mode = slot.mode_before = known if known in _MODES else ""
        return slot

    def _fresh(self, intent: Intent, path: RepoPath) -> Slot:
        """A slot for a file that does not exist. Raises Refused where none may be made there."""
        why = paths.fault(path) or paths.new_fault(path)
        if why:
            raise Refused(refusal(intent, RefusalKind.BAD_PATH, why, path))
        clash = self.names.clashing(path)
        if clash and not self._gone(clash):
            what = f"{clash} differs in upper and lower case only"
            raise Refused(refusal(intent, RefusalKind.CASE_CLASH, what, path))
        for parent in _parents(path):
            if (parent in self.names.known or self.names.files.read(parent) is not None) and not self._gone(parent):
                raise Refused(refusal(intent, RefusalKind.PATH_CONFLICT, f"{parent} is no folder", path))
        return self._slot(intent, path)

    def _gone(self, path: RepoPath) -> bool:
        slot = self.slots.get(path)
        return slot is not None and slot.working is None

    def _replace(self, intent: Replace) -> None:
        first = intent.readings[0]
        if len(first.search) > MAX_NEW_LINES or len(first.replace) > MAX_NEW_LINES:
            what = f"the block has more than {MAX_NEW_LINES} lines"
            raise Refused(Refusal(RefusalKind.TOO_BIG, intent.path, what, intent.dialect, intent.reply_line))
        if not intent.path:
            intent = self._unnamed(intent)
        if not any(first.search) and not first.search and len(intent.readings) == 1 and not first.anchors:
            self._fill(intent)
            return
        path = self._existing(intent)
        slot = self._slot(intent, path)
        if slot.working is None:
            raise Refused(refusal(intent, RefusalKind.MISSING_FILE, "there is no such file (any more)", path))
        key = (path, intent.readings)
        if key in self.seen and first.search != first.replace:
            raise Refused(refusal(intent, RefusalKind.REPEATED, "the same block comes twice", path))
        self.seen.add(key)
        outcome = placing.place(slot.working, intent)
        if isinstance(outcome, Refusal):
            fits = () if outcome.kind is not RefusalKind.NOT_FOUND else fits_elsewhere(self.names, intent, path)
            raise Refused(replace(outcome, path=path, fits_in=fits))
        if not outcome:
            self.already_there += 1
            return
        slot.touched = True
        self.new_lines += sum(isinstance(i, str) for one in outcome for i in one.change.items)
        for one in outcome:
            self.placements.append(Placement(path, intent.dialect, one.match, one.score, one.change.start + 1))

    def _unnamed(self, intent: Replace) -> Replace:
        only = list(self.names.scope or ())
        if len(only) == 1:
            return replace(intent, path=only[0])
        fits = fits_elsewhere(self.names, intent, "")
        raise Refused(replace(refusal(intent, RefusalKind.NO_PATH, "the block names no file", ""), fits_in=fits))

    def _fill(self, intent: Replace) -> None:
        """An empty search: a new file, or text for an empty one; never a change of a file with text."""
        spelled = self.names.spelled(intent.path)
        hunk = intent.readings[0]
        if not self.names.exists(spelled) and spelled not in self.slots:
            write = Write(spelled, intent.dialect, intent.reply_line, hunk.replace, may_replace=False,
                          final_newline=hunk.final_newline)  # fmt: skip
            self._write(write)
            return
        slot = self._slot(intent, self._existing(intent))
        text = slot.working.text if slot.working else FileText((), ())
        if tuple(line.rstrip() for line in hunk.replace) == tuple(line.rstrip() for line in text.lines):
            self.already_there += 1
        elif "".join(text.lines).strip():
            what = "an empty SEARCH on a file that has text: it has no place"
            raise Refused(refusal(intent, RefusalKind.EMPTY_SEARCH, what, slot.path))
        else:
            self._set(slot, intent, tuple(hunk.replace), hunk.final_newline)

    def _write(self, intent: Write) -> None:
        spelled = self.names.spelled(intent.path)
        if self.names.placeholder(spelled) and (meant := self.names.existing(spelled)):
            spelled = meant
        slot = self.slots.get(spelled)
        if slot is None and self.names.exists(spelled):
            slot = self._slot(intent, self._existing(replace(intent, path=spelled)))
        if slot is None or (slot.before is None and slot.working is None):
            slot = self._fresh(intent, spelled)
        self._check_write(intent, slot)
        if slot.working is not None and _same(slot.working.text, intent):
            self.already_there += 1
            slot.written = True
            return
        if slot.working is not None and (slot.touched or slot.written):
            what = "the reply holds this file twice, and the two differ"
            raise Refused(refusal(intent, RefusalKind.CONTRADICTION, what, slot.path))
        self._set(slot, intent, intent.lines, intent.final_newline)
        slot.mode = intent.mode or slot.mode
        slot.written = True

    def _check_write(self, intent: Write, slot: Slot) -> None:
        if slot.working is None:
            if intent.may_replace and (cut := shortened((), intent.lines, slot.path)):
                raise Refused(replace(refusal(intent, RefusalKind.ELIDED, cut[1], slot.path), block=(cut[2],)))
            return
        if _same(slot.working.text, intent):
            return
        old = slot.working.text.lines
        if not intent.may_replace and (old or slot.written):
            what = "the file exists already: change it instead of adding it"
            raise Refused(refusal(intent, RefusalKind.ALREADY_EXISTS, what, slot.path))
        cut = shortened(old, intent.lines, slot.path, sure=intent.sure)
        if cut:
            raise Refused(replace(refusal(intent, cut[0], cut[1], slot.path), block=(cut[2],) if cut[2] else ()))

    def _set(self, slot: Slot, intent: Intent, lines: tuple[str, ...], final_newline: bool | None) -> None:
        if slot.working is None:
            final = True if final_newline is None else final_newline
            slot.working = Working(new_file(lines, final_newline=final))
            self.new_lines += len(lines)
        else:
            text = slot.working.text
            new = tuple(line.removesuffix("\r") for line in lines) if text.lines else lines
            items: list[int | str] = []
            for tag, i1, i2, j1, j2 in opcodes(text.lines, new):
                items += range(i1, i2) if tag == "equal" else new[j1:j2]
            if final_newline is None and not text.lines:
                final_newline = True
            change = Change(0, len(text.lines), tuple(items), keeps_ends=not text.lines, final_newline=final_newline)
            slot.working = Working(text.replaced([change]))
            self.new_lines += sum(isinstance(i, str) for i in items)
        slot.touched = True
        self.placements.append(Placement(slot.path, intent.dialect, Match.WHOLE))

    def _remove(self, intent: Remove) -> None:
        path = self._existing(intent)
        slot = self._slot(intent, path)
        if slot.working is None:
            raise Refused(refusal(intent, RefusalKind.MISSING_FILE, "there is no such file (any more)", path))
        if intent.lines is not None and slot.working.raw is None:
            have = [line.rstrip() for line in slot.working.text.lines]
            if have != [line.removeprefix("\ufeff").rstrip() for line in intent.lines]:
                what = "the file does not hold what the reply says it deletes"
                raise Refused(refusal(intent, RefusalKind.STALE, what, path))
        slot.working, slot.touched = None, True
        self.placements.append(Placement(path, intent.dialect, Match.WHOLE))

    def _move(self, intent: Move) -> None:
        source = self._slot(intent, self._existing(intent))
        target = self.names.spelled(paths.bare_name(intent.to, self.names) or intent.to)
        if source.working is None:
            raise Refused(refusal(intent, RefusalKind.MISSING_FILE, "there is no such file (any more)", source.path))
        if target == source.path:
            return
        working, source.working, source.touched = source.working, None, True
        if self.names.exists(target) and not self._gone(target):
            source.working = working
            raise Refused(refusal(intent, RefusalKind.ALREADY_EXISTS, "the new path exists already", target))
        try:
            slot = self._fresh(intent, target)
        except Refused:
            source.working = working
            raise
        slot.working, slot.touched, slot.mode = working, True, source.mode or slot.mode
        self.placements.append(Placement(target, intent.dialect, Match.WHOLE))

    def _whole(self) -> list[Refusal]:
        """What only shows when all edits are in: characters that the file cannot hold, sizes, paths in one another."""
        found = []
        alive = {s.path for s in self.slots.values() if s.working is not None}
        for slot in self.slots.values():
            if slot.working is None or not slot.touched:
                continue
            try:
                size = len(slot.working.to_bytes())
            except UnicodeEncodeError as fault:
                what = f"the file is {fault.encoding}, which has no {fault.object[fault.start : fault.start + 1]!r}"
                found.append(Refusal(RefusalKind.NOT_ENCODABLE, slot.path, what))
                continue
            if size > MAX_FILE_BYTES:
                found.append(Refusal(RefusalKind.TOO_BIG, slot.path, f"the file would be over {MAX_FILE_BYTES} bytes"))
            if slot.before is None:
                found += self._tangled(slot.path, alive)
        if self.new_lines > MAX_NEW_LINES:
            found.append(Refusal(RefusalKind.TOO_BIG, "", f"more than {MAX_NEW_LINES} lines are new"))
        return found

    def _tangled(self, path: RepoPath, alive: set[RepoPath]) -> list[Refusal]:
        """A new file where a folder stands, or a folder where another new file stands, or two of one folded name."""
        for other in {p for p in self.names.known if not self._gone(p)} | alive:
            if other == path:
                continue
            if other.startswith(path + "/"):
                return [Refusal(RefusalKind.PATH_CONFLICT, path, "a folder stands there")]
            if path.startswith(other + "/"):
                return [Refusal(RefusalKind.PATH_CONFLICT, path, f"{other} is no folder")]
            if paths.folded(other) == paths.folded(path):
                return [Refusal(RefusalKind.CASE_CLASH, path, f"{other} differs in upper and lower case only")]
        return []


def refusal(intent: Intent, kind: RefusalKind, what: str, path: RepoPath) -> Refusal:
    """A refusal of `intent`."""
    block: tuple[str, ...] = ()
    if isinstance(intent, Replace):
        block = intent.readings[0].search
    elif isinstance(intent, Broken):
        block = intent.block
    return Refusal(kind, path, what, intent.dialect, intent.reply_line, block)


def _same(text: FileText, intent: Write) -> bool:
    if intent.final_newline is not None and text.lines and text.final_newline != intent.final_newline:
        return False
    return tuple(line.removesuffix("\r") for line in intent.lines) == text.lines


def _parents(path: RepoPath) -> list[RepoPath]:
    parts = path.split("/")
    return ["/".join(parts[:k]) for k in range(1, len(parts))]


def _edit(slot: Slot) -> FileEdit | None:
    if not slot.touched:
        return None
    after = slot.working.to_bytes() if slot.working is not None else None
    mode = slot.mode or "100644"
    sets = slot.before is not None and after is not None and slot.mode_before not in {"", mode}
    if after == slot.before and not sets:
        return None
    return FileEdit(slot.path, slot.before, after, mode, slot.mode_before if sets else "")
