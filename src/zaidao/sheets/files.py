"""From a file to raw sheets: .xlsx .xls .ods by calamine, .csv by its bytes; what should not be opened is refused with a remedy."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from xml.etree import ElementTree

import python_calamine as calamine

LARGEST_FILE = 400 * 2**20  # bytes: an office's ledgers of 20,000 organisations are under half of this; more belongs in Parquet
LARGEST_UNPACKED = 2 * 2**30  # bytes: what calamine may have to hold while it reads
LARGEST_RATIO = 200  # unpacked/packed of one entry; text of real ledgers packs at 5 to 30
LARGEST_GRID = 60_000_000  # cells between A1 and the last cell of a sheet: a stray cell in the far corner would cost gigabytes
RATIO_FLOOR = 20 * 2**20  # entries smaller than this are harmless whatever their ratio
WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".ods"}
TEXTS = {".csv", ".tsv", ".txt"}
OLE = b"\xd0\xcf\x11\xe0"  # the container of .xls and of encrypted .xlsx
DATEMODE_1904 = b"\x22\x00\x02\x00\x01\x00"  # BIFF record 0x0022 of 2 bytes with the value 1
ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = (",", "\t", ";", "，")


class FileRefused(Exception):
    """A file that cannot be read: `code`, `reason` and `remedy` (Chinese)."""

    def __init__(self, code: str, reason: str, remedy: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code, self.reason, self.remedy = code, reason, remedy


class Source(Protocol):
    """What is read of a file: a path, or something kept elsewhere that answers as one."""

    @property
    def name(self) -> str: ...
    @property
    def stem(self) -> str: ...
    @property
    def suffix(self) -> str: ...
    def read_bytes(self) -> bytes: ...


@dataclass
class RawSheet:
    """One sheet as it stands: `rows` from the sheet's first row (index 0 is Excel's row 1).

    `merged`: ranges ((row, column), (row, column)) from 0; `broken`: cells (like "B3") with an error value or with a formula
    that has no cached value, and what stands there; `unseen`: rows and columns that are hidden, which are read like the others.
    """

    name: str
    rows: list[list[Any]]
    hidden: bool = False
    date1904: bool = False
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    unseen: int = 0


def read_raw(path: Source) -> Iterator[RawSheet]:
    """The sheets of a file, in order. Raises `FileRefused`."""
    suffix = path.suffix.lower()
    _check_kind(path, suffix)
    data = path.read_bytes()
    if not data:
        raise FileRefused("empty_file", "文件是空的。", "请检查文件是否保存完整。")
    if suffix in TEXTS and data[:4] != b"PK\x03\x04":
        yield RawSheet(path.stem, _csv_rows(data))
        return
    if data[:4] == b"PK\x03\x04":
        check_zip(data)
    yield from _workbook(data)


def _check_kind(path: Source, suffix: str) -> None:
    """Refuse by name and size alone."""
    if suffix in (".et", ".ett", ".ets"):
        raise FileRefused("wps_et", "WPS 的 .et 格式不能直接读取。", "请在 WPS 中打开，用“另存为”存成 Excel 工作簿(.xlsx)后再提供。")
    if suffix in (".numbers", ".doc", ".docx", ".pdf", ".wps"):
        raise FileRefused("not_a_workbook", f"{suffix} 不是表格文件。", "请另存或导出为 .xlsx 后再提供。")
    if suffix == ".xlsb":
        raise FileRefused("not_a_workbook", ".xlsb 是二进制工作簿，不能可靠读取。", "请用“另存为”存成 Excel 工作簿(.xlsx)后再提供。")
    if suffix not in WORKBOOKS | TEXTS:
        raise FileRefused("unknown_extension", f"不认识的文件类型“{suffix or '无扩展名'}”。", "请提供 .xlsx、.xls、.ods 或 .csv 文件。")
    if isinstance(path, Path) and path.stat().st_size > LARGEST_FILE:
        raise FileRefused("file_too_large", "文件过大。", "请按单位拆分成几个文件，或改用 Parquet 提供。")


def check_zip(data: bytes) -> None:
    """Refuse a workbook whose parts would unpack to far more than any ledger does, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, UnicodeError) as error:
        raise FileRefused("corrupt_file", "文件已损坏，打不开。", "请用 Excel 或 WPS 打开后另存一份再提供。") from error
    unpacked = sum(e.file_size for e in entries)
    crammed = any(e.file_size > RATIO_FLOOR and e.file_size > LARGEST_RATIO * max(1, e.compress_size) for e in entries)
    if unpacked > LARGEST_UNPACKED or crammed or len(entries) > 10_000:
        raise FileRefused("zip_bomb", "文件解压后大得不合常理，未打开。", "请用 Excel 或 WPS 新建工作簿，只粘贴所需数据后另存。")


def _workbook(data: bytes) -> Iterator[RawSheet]:
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        metas = [m for m in book.sheets_metadata if m.typ == calamine.SheetTypeEnum.WorkSheet]
    except calamine.PasswordError as error:
        raise _encrypted() from error
    except Exception as error:  # calamine raises a family of its own and, on damaged files, panics
        raise (_encrypted() if _looks_encrypted(data) else _corrupt()) from error
    except BaseException as error:
        raise _unless_panic(error) from error
    insides = Insides(data)
    if len({m.name for m in metas}) < len(metas):  # only other programs write so; the reader would give the first one twice
        raise FileRefused("same_name", "文件里有同名的工作表，分不清哪一张。", "请给工作表分别起名后另存，再提供。")
    for meta in metas:
        yield _sheet(book, meta, insides)


def _sheet(book: Any, meta: Any, insides: "Insides") -> RawSheet:
    xml = insides.xml(meta.name)
    if grid_size(xml) > LARGEST_GRID:
        raise FileRefused(
            "sheet_too_large", f"“{meta.name}”表在很远的单元格里有内容，表格大得不能打开。", "请删去数据区以外的行和列后另存，再提供。"
        )
    try:
        sheet = book.get_sheet_by_name(meta.name)
        rows = sheet.to_python(skip_empty_area=False)
        merged = list(sheet.merged_cell_ranges or ())
    except Exception as error:
        raise _corrupt() from error
    except BaseException as error:
        raise _unless_panic(error) from error
    hidden = meta.visible != calamine.SheetVisibleEnum.Visible
    return RawSheet(meta.name, rows, hidden, insides.date1904, merged, broken_cells(xml), len(UNSEEN.findall(xml)))


def _unless_panic(error: BaseException) -> BaseException:
    """A panic of the reader (pyo3's PanicException) is a damaged file; an interrupt stays an interrupt."""
    return _corrupt() if type(error).__name__ == "PanicException" else error


def _corrupt() -> FileRefused:
    return FileRefused("corrupt_file", "文件已损坏或不是所标的格式，打不开。", "请用 Excel 或 WPS 打开后另存为 .xlsx 再提供。")


def _encrypted() -> FileRefused:
    return FileRefused("encrypted_file", "文件设有打开密码。", "请在 Excel 或 WPS 中取消密码后另存，再提供。")


def _looks_encrypted(data: bytes) -> bool:
    """Encrypted OOXML is an OLE container with an EncryptedPackage stream (name in UTF-16)."""
    return data[:4] == OLE and "EncryptedPackage".encode("utf-16-le") in data


class Insides:
    """What calamine does not tell of an .xlsx: the date system, error values, formulas without a cached value."""

    NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

    def __init__(self, data: bytes) -> None:
        self.date1904 = data[:4] == OLE and DATEMODE_1904 in data
        self._paths: dict[str, str] = {}
        self._archive: zipfile.ZipFile | None = None
        if data[:4] == b"PK\x03\x04":
            try:
                self._open(zipfile.ZipFile(io.BytesIO(data)))
            except Exception:  # odd or damaged packages: calamine has read them, this extra look is given up
                self._archive = None

    def _open(self, archive: zipfile.ZipFile) -> None:
        if "xl/workbook.xml" not in archive.namelist():
            return
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314  expat fetches nothing and limits amplification
        properties = book.find("m:workbookPr", self.NS)
        self.date1904 = properties is not None and properties.get("date1904") in ("1", "true")
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314  as above
        links = {r.get("Id"): r.get("Target", "") for r in relations}
        for sheet in book.iterfind("m:sheets/m:sheet", self.NS):
            target = links.get(sheet.get(self.LINK), "")
            self._paths[sheet.get("name", "")] = target.lstrip("/") if target.startswith("/") else "xl/" + target
        self._archive = archive

    def xml(self, sheet: str) -> bytes:
        """The sheet's own XML; empty where the file is no .xlsx or cannot be looked into."""
        if self._archive is None or self._paths.get(sheet) not in self._archive.namelist():
            return b""
        try:
            return self._archive.read(self._paths[sheet])
        except Exception:
            return b""


ERROR = re.compile(rb'<c\s(?=[^>]*\bt="e")[^>]*\br="([A-Z]+\d+)"[^>]*>(?:<f[^>]*?(?:/>|>[^<]*</f>))?\s*<v>([^<]*)</v>')
UNCACHED = re.compile(rb'<c\s[^>]*\br="([A-Z]+\d+)"[^>]*>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>')
UNSEEN = re.compile(rb'<(?:row|col)\s[^>]*\bhidden="(?:1|true)"')
ADDRESS = re.compile(rb'<c\s[^>]*?\br="([A-Z]+)\d')
ROW = re.compile(rb'<row\s[^>]*?\br="(\d+)"')


def broken_cells(xml: bytes) -> dict[str, str]:
    """Cells of a sheet with an error value (its name) or a formula without a cached value ("公式")."""
    found = {m[1].decode(): m[2].decode() for m in ERROR.finditer(xml)} if b't="e"' in xml else {}
    if b"<f" in xml:
        found |= {m[1].decode(): "公式" for m in UNCACHED.finditer(xml)}
    return found


def grid_size(xml: bytes) -> int:
    """Cells of the rectangle from A1 to the last row and the last column in use."""
    columns = set(ADDRESS.findall(xml))
    rows = ROW.findall(xml)
    return max(map(int, rows), default=0) * max(map(column_number, columns), default=0)


def column_number(letters: bytes) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _csv_rows(data: bytes) -> list[list[Any]]:
    text = decode(data)
    delimiter = _delimiter(text)
    csv.field_size_limit(10 * 2**20)
    try:
        return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise FileRefused("corrupt_file", "文本表格的结构已损坏。", "请用 Excel 或 WPS 打开后另存为 .xlsx 再提供。") from error


def decode(data: bytes) -> str:
    """Text in UTF-16 with BOM, UTF-8 with or without BOM, or GBK/GB18030; refuses other bytes."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise FileRefused("unknown_encoding", "认不出文本的编码。", "请另存为 UTF-8 编码的 .csv 或 .xlsx 后再提供。")


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into most cells."""
    head = "\n".join(text.splitlines()[:30])
    return max(DELIMITERS, key=lambda d: (head.count(d), -DELIMITERS.index(d)))
