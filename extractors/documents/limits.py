"""How much of a document is read before it is refused: every bound of this package, and nothing else. The one on files holds for fetching, too.

A statutory report is a page of 100 kB or a PDF of 30 pages. Each bound leaves a factor of at least twenty over
the largest real one seen, and keeps the worst file within some seconds and some hundred megabytes.
"""

MAX_BYTES = 100 * 1024 * 1024
"""Any file, wherever it comes from: what is larger is neither fetched, nor taken from a folder or a WARC file, nor opened."""

MAX_TOGETHER = 2 * MAX_BYTES
"""A page and all that it brings, read together."""

MAX_TEXT = 20 * 1024 * 1024
"""A file of markup or text, whose tree takes ten times as much memory."""

MAX_SOUP = 4 * 1024 * 1024
"""A page for BeautifulSoup, which is fifty times slower than lxml."""

MAX_UNPACKED = 200 * 1024 * 1024
"""All parts of a zip container (DOCX, XLSX), by what they really unpack to."""

MAX_XML = 20 * 1024 * 1024
"""One part of markup in a zip container, unpacked."""

MAX_PARTS = 10_000
"""Parts of a zip container."""

MAX_DEPTH = 2_000
"""Elements within elements."""

MAX_CELLS = 200_000
"""Cells of one table."""

MAX_SPAN = 1_000
"""Columns that one cell covers: the bound of browsers."""

MAX_SLOTS = 4_000_000
"""Positions that the cells of one table cover together."""

MAX_LINES = 500_000
"""Lines of a text file."""

MAX_PAGES = 2_000
"""Pages of a PDF."""

MAX_OBJECTS = 100_000
"""Runs of text, lines and pictures of one page: what pdfium counts in milliseconds, pdfplumber lays out in minutes."""

MAX_STREAM = 64 * 1024 * 1024
"""One compressed stream of a PDF that is no picture, unpacked."""

MAX_PIXELS = 40_000_000
"""Pixels of one page or picture for recognition."""

MAX_SCANS = 100
"""Pages or pictures for recognition in one file, at some seconds each."""

SHEET_SECONDS = 20
SHEET_MEMORY = 1024 * 1024 * 1024
"""Time and memory for the child process that opens a spreadsheet."""

CONVERTER_SECONDS = 60
CONVERTER_KILOBYTES = 4 * 1024 * 1024
"""Time and memory for LibreOffice, for one old Word file."""
