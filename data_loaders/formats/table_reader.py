"""The program that reads parquet and Arrow files with pyarrow, in a process of its own with limits.

`tables.py` starts it: pyarrow trusts much of what a file says, and a file made for that purpose can crash it
or ask for any memory. Here only this process ends. It takes files from its standard input and gives pictures
and labels on its standard output, in the form that `tables.py` describes.
"""

import json
import struct
import sys

ROWS = 1_000  # read at a time
FREE_MEMORY = 128 << 20  # bytes beyond the file itself; a thousand rows of pictures take 3 MB
LARGEST_PIECE = 16 << 20  # bytes of the pictures read at a time
LONGEST_LABEL = 100  # letters of a class
MOST_ROWS = 60_000  # pictures in all of CIFAR-10


class UnreadableTable(ValueError):
    """Why a file cannot be read, as `Unreadable` in looks.py: this program imports nothing of the course."""


def limit(memory: int, seconds: float) -> None:
    """Give this process so many more bytes and seconds of CPU time, after which the system ends it."""
    try:
        import resource
        import signal
    except ImportError:  # Windows
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no file is left where it crashes
    try:
        with open("/proc/self/statm") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        wanted = used + memory
        resource.setrlimit(resource.RLIMIT_AS, (wanted if most < 0 else min(wanted, most), most))
    except OSError:  # macOS, which would not keep the limit either
        return


def batches(arrow, source, is_parquet):
    """The table in pieces, as it is read."""
    if not is_parquet:
        is_file = bytes(source.read(6)) == b"ARROW1"
        source.seek(0)
        if is_file:
            reader = arrow.ipc.open_file(source)
            yield from (reader.get_batch(k) for k in range(reader.num_record_batches))
        else:
            yield from arrow.ipc.open_stream(source)
        return
    file = arrow.parquet.ParquetFile(source, pre_buffer=False)
    columns = check_columns(file.schema_arrow)
    claimed = sum(file.metadata.row_group(k).total_byte_size for k in range(file.metadata.num_row_groups))
    if claimed > source.size() + FREE_MEMORY:
        raise UnreadableTable(f"it claims {claimed:,} bytes")
    yield from file.iter_batches(ROWS, columns=list(columns), use_threads=False)


def check_columns(schema):
    """The names of the columns with pictures and with labels."""
    pictures = next((name for name in ("img", "image") if name in schema.names), None)
    labels = next((name for name in ("label", "labels") if name in schema.names), None)
    if pictures is None or labels is None:
        found = ", ".join(name[:20] for name in schema.names[:6])
        raise UnreadableTable(f"it has the columns {found or 'none'}, not img and label")
    return pictures, labels


def plain(arrow, column):
    """The column with each dictionary looked up, and each view copied to where it points."""
    column.validate(full=True)
    if arrow.types.is_dictionary(column.type):
        values = plain(arrow, column.dictionary)
        column = arrow.DictionaryArray.from_arrays(column.indices, values).dictionary_decode()
    copies = {"binary_view": arrow.large_binary(), "string_view": arrow.large_string()}
    if copy := copies.get(str(column.type)):  # pyarrow 15 cannot ask for a view in another way
        views = memoryview(column.buffers()[1]).cast("i")  # of four numbers each, the first is the length
        first, last = 4 * column.offset, 4 * (column.offset + len(column))
        check_size(column, sum(views[first:last:4]))
        column = column.cast(copy)
    return column


def check_size(column, size):
    if size > LARGEST_PIECE:
        raise UnreadableTable(f"it has {len(column):,} pictures with {size:,} bytes")


def encoded_pictures(arrow, column):
    """The pictures' bytes, None where there are none: plain, or in a structure with the file's name."""
    column = plain(arrow, column)
    if arrow.types.is_struct(column.type) and column.type.get_field_index("bytes") >= 0:
        present = column.is_valid().to_pylist()
        cells = encoded_pictures(arrow, column.field("bytes"))
        return [cell if there else None for cell, there in zip(cells, present, strict=True)]
    if not (arrow.types.is_binary(column.type) or arrow.types.is_large_binary(column.type)):
        raise UnreadableTable(f"it has pictures in a column of type {str(column.type)[:60]}, not as bytes")
    check_size(column, column.nbytes)
    return column.to_pylist()


def numbers_or_names(arrow, column):
    """The labels, None where there are none: the numbers of the classes, or their names."""
    column, types = plain(arrow, column), arrow.types
    if types.is_string(column.type) or types.is_large_string(column.type):
        check_size(column, column.nbytes)
        return [name and name[:LONGEST_LABEL] for name in column.to_pylist()]
    if not types.is_integer(column.type):
        raise UnreadableTable(
            f"it has labels in a column of type {str(column.type)[:60]}, not as numbers or names of classes"
        )
    return column.to_pylist()


def frames(arrow, source, is_parquet):
    """What goes to the standard output, piece by piece."""
    row, left = 0, source.size() + FREE_MEMORY // 2
    for batch in batches(arrow, source, is_parquet):
        for start in range(0, len(batch), ROWS):
            piece = batch.slice(start, ROWS)
            pictures, labels = check_columns(piece.schema)
            cells = encoded_pictures(arrow, piece.column(pictures))
            classes = numbers_or_names(arrow, piece.column(labels))
            for what, values in (("picture", cells), ("label", classes)):
                if None in values:
                    raise UnreadableTable(f"row {row + values.index(None)}: the {what} is missing")
            yield struct.pack("<q", len(cells))
            yield struct.pack(f"<{len(cells)}q", *map(len, cells))
            written = json.dumps(classes).encode()
            yield struct.pack("<q", len(written)) + written
            yield b"".join(cells)
            row += len(cells)
            left -= sum(map(len, cells))
            if row > MOST_ROWS or left < 0:  # one picture can stand in a million rows, and take no space
                raise UnreadableTable("it has more pictures than CIFAR-10, or far more than its size allows")
    yield struct.pack("<q", 0)


def exactly(count):
    """So many bytes of the standard input, or none where it ends before."""
    data = bytearray(count)
    filled = 0
    while filled < count and (block := sys.stdin.buffer.read(min(count - filled, 1 << 20))):
        data[filled : filled + len(block)] = block
        filled += len(block)
    return data if filled == count else b""


def main() -> None:
    import pyarrow
    import pyarrow.parquet

    while request := exactly(9):
        is_parquet, size = struct.unpack("<?q", request)
        data = exactly(size)
        limit(FREE_MEMORY + size, 1 + size / 10e6)
        try:
            for frame in frames(pyarrow, pyarrow.BufferReader(data), is_parquet):
                sys.stdout.buffer.write(frame)
        except Exception as error:  # pyarrow raises many kinds for damaged files
            ours = isinstance(error, UnreadableTable | pyarrow.ArrowNotImplementedError)
            said = str(error) if ours else "it is damaged, or was cut on its way"
            why = " ".join(said.split())[:300].encode("utf-8", "replace")
            sys.stdout.buffer.write(struct.pack("<qq", -1, len(why)) + why)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
