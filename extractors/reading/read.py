"""The reader as one pure function: bytes in, Reading out. Chooses the format, gathers the tables, repairs nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile

from extractors.documents import sniff, text, together
from extractors.documents.opening import open_document
from extractors.errors import BlankForm, NotAReport
from extractors.forms.catalogue import Catalogue, Table, default
from extractors.model import Block, Cell, Document, Fact, Grid, Missing, Prose, Reading, RecognisedTable, Residue
from extractors.reading import numbers, prose
from extractors.reading.bind import Bound, bind, tokens, units
from extractors.reading.identify import identify
from extractors.reading.labels import columns_of, fold, lines_of
from extractors.reading.recognise import Candidate, is_complete, recognise, spoken_of

_SOME = 4  # a fifth of a table's figures without a place: its columns may mean nothing
_FEW = 4  # columns: as many figures in a row say little
_BESIDE = 3  # lines from a row of figures to the next, where their headers stand between
_LONGEST_CAPTION = 60  # characters of the line above a table that names its year
_YEAR = re.compile(r"(20\d\d)年(?!\d)")
_UNREAD: tuple[Missing, ...] = ("illegible", "ambiguous")
_SHORTEST_REPORT = 300  # characters; menus and error pages that name the report are shorter


def read(data: bytes, *, catalogue: Catalogue | None = None) -> Reading:
    """Read one document.

    Raises a DocumentError: of the format (empty, unknown_type, undecodable, damaged, encrypted, no_text_layer,
    too_large), or not_a_report, or blank_form.
    """
    return of_document(open_document(data), catalogue or default())


def of_document(document: Document, catalogue: Catalogue) -> Reading:
    """Tables, facts and residue of a Document. Raises NotAReport, BlankForm."""
    identification = identify(document)
    document = together.of_rows(document)
    spoken = dict.fromkeys(t.code for t in spoken_of("".join(p.text for p in document.prose), catalogue))
    document, found_in = _recognised(document, catalogue)
    bounds = _bound(found_in, identification.report_year)
    if spoken and not bounds and document.media_type != sniff.PDF:  # whose lines were put together by us
        document, found_in = _recognised(text.reflow(document), catalogue)
        bounds = _bound(found_in, identification.report_year)
    chosen, residue, warnings = _chosen(bounds, catalogue, identification.report_year, _captioned(document))
    facts: list[Fact] = []
    tables: list[RecognisedTable] = []
    for bound in chosen:
        facts.extend(_dense(bound))
        residue.extend(bound.residue)
        tables.append(
            RecognisedTable(
                bound.table.form, bound.table.code, bound.evidence, bound.grid.where, bound.copies, bound.figures,
                bound.repeated,
            )
        )  # fmt: skip
    found = {t.table for t in tables}
    warnings += [
        f"the words of table {code} stand in the text, but no table: its figures were not read"
        for code in spoken
        if code not in found
    ]
    narrative = catalogue.table(prose.FORM, prose.TABLE)
    stated = prose.facts(_once(document.prose), narrative, identification.report_year, identification.agency_name)
    if not chosen:
        length = sum(len(p.text) for p in document.prose)
        if not any(f.value is not None for f in stated) and (not identification.title or length < _SHORTEST_REPORT):
            raise NotAReport(
                "no statutory table, no figure on disclosure in the text, and no title of such a report above it"
            )
    elif not any(f.value is not None for f in facts) and not stated and not residue:
        raise BlankForm(f"{', '.join(f'{t.form} table {t.table}' for t in tables)}, without a figure")
    stated = (*stated, *prose.section_five(document.prose, narrative))
    if stated:
        tables.append(RecognisedTable(prose.FORM, prose.TABLE, "patterns of forms/narrative", "prose"))
    return Reading(
        document, identification, tuple(tables), (*facts, *stated), tuple(residue), (*document.unread, *warnings)
    )


def _recognised(document: Document, catalogue: Catalogue) -> tuple[Document, list[tuple[Grid, list[Candidate]]]]:
    """The grids that speak for statutory tables. A table that stands in two parts, one right below the other, is one again.

    A part that fits to nothing is read as the table that it goes on with, or that goes on with it: what it lacks the headers
    for is residue.
    """
    blocks: list[Block] = []
    found: list[tuple[Grid, list[Candidate]]] = []
    waiting: list[Grid] = []  # the grids since the last one that was found: they may open the next
    for block in document.blocks:
        if isinstance(block, Grid):
            candidates = recognise(block, catalogue)
            for above in waiting if candidates else ():
                is_beside = _is_right_above(above, blocks)
                if not _is_part(above, block, candidates, is_beside=is_beside) and not (
                    is_beside and _is_head(above, candidates)
                ):
                    continue
                whole = together.continued(above, block) if is_beside else None
                if whole is None:
                    found.append((above, candidates))
                else:
                    block, candidates = whole, recognise(whole, catalogue)
                    blocks.remove(above)
            if found:
                above, those = found[-1]
                is_beside = _is_right_above(above, blocks)
                is_part = not candidates and _is_part(block, above, those, is_beside=is_beside)
                if is_beside and (is_part or _is_rest(block, above, candidates)):
                    whole = together.continued(above, block)
                    if whole is not None:
                        found[-1] = whole, recognise(whole, catalogue)
                        blocks[blocks.index(above)] = whole
                        continue
                candidates = those if is_part else candidates
            if candidates:
                found.append((block, candidates))
            waiting = [] if candidates else [*waiting, block]
        blocks.append(block)
    return (document if len(blocks) == len(document.blocks) else replace(document, blocks=tuple(blocks))), found


def _is_right_above(grid: Grid, blocks: Sequence[Block]) -> bool:
    """Whether nothing stands below a grid but notes on it, and words that say that it goes on."""
    below = takewhile(lambda block: block is not grid, reversed(blocks))
    return all(isinstance(block, Prose) and together.is_between_parts(block.text) for block in below)


def _is_part(grid: Grid, other: Grid, candidates: Sequence[Candidate], *, is_beside: bool) -> bool:
    """Whether a grid that is no table by itself names lines of one that another grid lacks: two at least, or one with a figure
    for each of its columns. One column says nothing, unless the grids are beside each other."""
    figured = [c for c in grid.cells if tokens(c)]
    is_a_row = len({c.row for c in figured}) == 1
    for candidate in candidates:
        named, there = (_named(one, candidate.table) for one in (grid, other))
        is_whole_row = is_a_row and any(
            len(figured) == len(candidate.table.line(code).columns) for codes in named - there for code in codes
        )
        if len(named - there) > 1 or (is_whole_row and (len(figured) > _FEW or is_beside)):
            return True
    return False


def _is_head(grid: Grid, candidates: Sequence[Candidate]) -> bool:
    """Whether a grid holds the column labels of a table and not one figure: a header that stays while its table is scrolled."""
    if any(tokens(cell) for cell in grid.cells):
        return False
    words = [cell.text for cell in grid.cells if cell.text]
    return any(
        {code for text in words if (match := columns_of(c.table).exact(text)) for code in match.codes}
        >= {column.code for column in c.table.columns}
        for c in candidates
    )


def _is_rest(grid: Grid, above: Grid, candidates: Sequence[Candidate]) -> bool:
    """Whether a grid with lines of a table, but none of its column labels above the first, names none that the grid above it has."""
    first = min((cell.row for cell in grid.cells if tokens(cell)), default=0)
    opening = [cell.text for cell in grid.cells if cell.text and cell.row < first]
    for table in (candidate.table for candidate in candidates):
        index = columns_of(table)
        heads = any(index.exact(text) and not fold(text).ordinal for text in opening)
        if heads or _named(grid, table) & _named(above, table):
            return False
    return bool(candidates)


def _named(grid: Grid, table: Table) -> set[tuple[str, ...]]:
    """The lines of a table that a grid names word for word, beside a figure: headers may have the same words."""
    index, figured = lines_of(table), {c.row for c in grid.cells if tokens(c)}
    named = (c for c in grid.cells if c.text and c.row in figured)
    return {match.codes for cell in named if (match := index.exact(cell.text))}


def _bound(found: Iterable[tuple[Grid, Sequence[Candidate]]], year: int | None) -> list[Bound]:
    out: list[Bound] = []
    for grid, candidates in found:
        bounds = _of_grid(grid, candidates, year)
        left, placed = sum(len(b.unplaced) for b in bounds), sum(len(b.placed) for b in bounds)
        has_lines = bool(bounds) and grid.cells[0].line is not None
        if grid.aligned and left and (has_lines or left * _SOME >= placed):
            # Tabs may stand for columns or only between cells, and an editor may have lost the spans: take what explains more,
            # where the document says what stands under what only if every figure finds its place.
            flowing = _of_grid(replace(grid, aligned=False), candidates, year)
            if has_lines or _explain_all(flowing, grid):
                bounds = max(bounds, flowing, key=lambda found: sum(len(b.placed) for b in found))
        out.extend(bounds)
    return out


def _explain_all(bounds: Sequence[Bound], grid: Grid) -> bool:
    """Whether every figure of a grid found its place."""
    placed = {c for b in bounds for c in (*b.placed, *b.numbering)}
    return all(c in placed for c in grid.cells if tokens(c)) and not any(b.unplaced for b in bounds)


def _of_grid(grid: Grid, candidates: Sequence[Candidate], year: int | None) -> list[Bound]:
    here: dict[str, list[Bound]] = {}
    for candidate in candidates:
        rivals = here.setdefault(candidate.table.code, [])
        if rivals and _whole(rivals[0]) and candidate.score < rivals[0].score:
            continue  # a form with more of its labels explains every figure: no other can do better
        bound = bind(candidate.table, grid, year)
        bound.score, bound.evidence = candidate.score, candidate.evidence
        bound.certain = is_complete(candidate)
        rivals.append(bound)
    return _settled([b for rivals in here.values() for b in _explaining_most(rivals)])


def _whole(bound: Bound) -> bool:
    return not bound.unplaced and len(bound.facts) == len(units(bound.table))


def _explaining_most(rivals: Sequence[Bound]) -> list[Bound]:
    """Forms of one table that know the most of its lines, then place the most figures. Several where they print it alike."""

    def explained(bound: Bound) -> tuple[int, int, int]:
        return len({line for line, _ in bound.facts}), len(bound.placed) - len(bound.unplaced), bound.score

    best = max(map(explained, rivals))
    return [b for b in rivals if explained(b) == best]


def _settled(bounds: Sequence[Bound]) -> list[Bound]:
    """Tables of one grid with each figure in one of them at most: what one has placed is not left over by another."""
    kept: list[Bound] = []
    for bound in sorted(bounds, key=lambda b: -len(b.placed)):
        others = [k for k in kept if k.table.code != bound.table.code]
        if not any(k.placed & bound.placed or _is_beside(bound, k) for k in others):
            kept.append(bound)
    for bound in kept:
        elsewhere = {c for k in kept if k.table.code != bound.table.code for c in k.placed}
        for cell in [c for c in bound.unplaced if c in elsewhere]:
            del bound.unplaced[cell]
    if kept and not kept[0].grid.aligned:
        _claim_the_rest(kept)
    left: set[tuple[str, Cell]] = set()
    for bound in kept:
        for cell in [c for c in bound.unplaced if any((code, c) in left for code in _other_codes(kept, bound))]:
            del bound.unplaced[cell]
        left.update((bound.table.code, cell) for cell in bound.unplaced)
    _count(kept)
    chosen = {id(bound) for bound in kept}
    return [bound for bound in bounds if id(bound) in chosen]


def _is_beside(bound: Bound, other: Bound) -> bool:
    """Whether all that a table would take of a grid stands in the rows of a larger one: a further column of it."""
    rows = {c.row for c in bound.placed}
    return bound.grid.aligned and bool(rows) and rows <= {c.row for c in other.placed}


def _count(bounds: Sequence[Bound]) -> None:
    """Give each table the numeric tokens of its grid; one that no table accounts for falls to the first, and shows there."""
    for bound in bounds:
        bound.figures = sum(tokens(c, among_words=True) for c in bound.placed | bound.unplaced.keys())
    if bounds and bounds[0].grid.aligned:
        accounted = {c for b in bounds for c in (*b.placed, *b.unplaced, *b.numbering)}
        for bound in (b for b in bounds if b.table.code == bounds[0].table.code):
            bound.figures += sum(tokens(c) for c in bound.grid.cells if c not in accounted)


def _other_codes(kept: Sequence[Bound], bound: Bound) -> set[str]:
    return {k.table.code for k in kept} - {bound.table.code}


def _claim_the_rest(bounds: Sequence[Bound]) -> None:
    """Figures of running text that no table took, in the rows of one or right beside them, are residue of the table before them."""
    owner = {cell: bound for bound in bounds for cell in (*bound.placed, *bound.unplaced)}
    if not owner:
        return
    cells = bounds[0].grid.cells
    left = [c for c in cells if c not in owner and numbers.parse(c.text).kind in ("number", "several")]
    rows = _with_those_beside({c.row for c in owner}, {c.row for c in left})
    current = next(owner[c] for c in cells if c in owner)
    unclaimed = set(left)
    for cell in (c for c in cells if min(rows) <= c.row <= max(rows)):
        if cell in owner:
            current = owner[cell]
        elif cell in unclaimed:
            current.leave([cell], "a figure between the table's rows that belongs to no line")


def _with_those_beside(rows: set[int], others: set[int]) -> set[int]:
    """The rows, and of the others those that lead to them without a break."""
    reached = set(rows)
    for order in (sorted(rows | others), sorted(rows | others, reverse=True)):
        for before, row in pairwise(order):
            if before in reached and abs(row - before) <= _BESIDE:
                reached.add(row)
    return reached


def _chosen(
    bounds: Iterable[Bound], catalogue: Catalogue, year: int | None, captioned: Mapping[int, int]
) -> tuple[list[Bound], list[Residue], list[str]]:
    """One Bound a table code: parts joined, equal copies counted, unequal ones reported."""
    by_code: dict[str, list[Bound]] = {}
    for bound in bounds:
        if bound.facts or bound.unplaced or bound.certain:
            by_code.setdefault(bound.table.code, []).append(bound)
    residue: list[Residue] = []
    warnings: list[str] = []
    certain = Counter(
        forms.pop() for group in by_code.values() if len(forms := {b.table.form for b in _best(group)}) == 1
    )
    chosen: list[Bound] = []
    for code, group in by_code.items():
        # Several forms print this table alike: the one whose other tables stand in the report, else that of the year.
        form = max(
            sorted({b.table.form for b in _best(group)}),
            key=lambda f: (
                certain[f],
                year is not None and catalogue.form(f).first_year <= year <= catalogue.form(f).last_year,
            ),
        )
        same_form = [b for b in group if b.table.form == form]
        copies = _copies(same_form)
        whole = _foremost([c for c in copies if captioned.get(c[0].grid.number, year) == year] or copies)
        best, *rest = whole
        for other in (*rest, *(part for parts in copies if parts is not whole for part in parts)):
            if all(best.facts[k].value == f.value for k, f in other.facts.items() if k in best.facts):
                copy = bool(other.facts.keys() & best.facts.keys())
                best.figures += other.figures
                again = [f for k, f in other.facts.items() if k in best.facts and f.value is not None]
                best.repeated += len(again) + other.repeated
                best.copies = max(best.copies, copy + other.copies)
                best.facts = other.facts | best.facts
                # What the first copy has left over is left over once.
                held = Counter(r.text for r in best.residue) if copy else Counter()
                for left in other.residue:
                    if held[left.text]:
                        held[left.text] -= 1
                        best.repeated += 1
                    else:
                        residue.append(left)
            else:
                warnings.append(
                    f"table {code} stands twice with different figures: {best.grid.where}, {other.grid.where}"
                )
                best.figures += other.figures
                other.leave(sorted(other.placed), f"another copy of the table says otherwise ({best.grid.where})")
                residue.extend(other.residue)
        chosen.append(best)
    order = {table.code: i for i, table in enumerate(catalogue.tables())}
    return sorted(chosen, key=lambda b: order[b.table.code]), residue, warnings


def _copies(bounds: Iterable[Bound]) -> list[list[Bound]]:
    """What stands of one table, in its copies: parts that say nothing of the same cells are of one."""
    copies: list[list[Bound]] = []
    for bound in bounds:
        if copies and not any(part.facts.keys() & bound.facts.keys() for part in copies[-1]):
            copies[-1].append(bound)
        else:
            copies.append([bound])
    return copies


def _foremost(copies: Sequence[Sequence[Bound]]) -> Sequence[Bound]:
    """The first copy that says at least half as much as the one that says most: tables of units stand below the agency's."""

    def said(parts: Sequence[Bound]) -> int:
        facts = [fact for part in parts for fact in part.facts.values()]
        return sum(f.missing not in _UNREAD for f in facts) if any(f.value is not None for f in facts) else 0

    most = max(map(said, copies))
    return next(parts for parts in copies if said(parts) * 2 >= most)


def _captioned(document: Document) -> dict[int, int]:
    """Number of a grid → the year that the line right above it names: a report may print last year's table, too."""
    return {
        block.number: int(year[1])
        for above, block in pairwise(document.blocks)
        if isinstance(block, Grid) and isinstance(above, Prose) and len(above.text) <= _LONGEST_CAPTION
        if (year := _YEAR.search(above.text))
    }  # fmt: skip


def _best(group: Sequence[Bound]) -> list[Bound]:
    top = max(b.score for b in group)
    return [b for b in group if b.score == top]


def _dense(bound: Bound) -> Iterable[Fact]:
    """Every cell that the form prints, in its order; what the document lacks is absent."""
    table: Table = bound.table
    for (line, column), unit in units(table).items():
        fact = bound.facts.get((line, column))
        yield fact or Fact(table.form, table.code, line, column, None, "absent", "", unit, bound.grid.where)


def _once(paragraphs: Sequence[Prose]) -> tuple[Prose, ...]:
    """Paragraphs without repetitions: a page may hold the report twice."""
    seen: dict[str, Prose] = {}
    for paragraph in paragraphs:
        seen.setdefault("".join(paragraph.text.split()), paragraph)
    return tuple(seen.values())
