#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An independent reading of real micrographs, to hold against Colonnade's own (real_files_test.cc).

numpy, h5py and tifffile where they know the format, else the few bytes of a header read by hand. Prints a line per
file: name, shape, type, pixel size in nm (0: none), mean, and the values at [0, 1] and [-1, 0] of the (first) frame.
"""
import json
import re
import struct
import sys
import zlib
from pathlib import Path

import h5py
import numpy as np
import tifffile

UNITS = {"nm": 1.0, "n_m": 1.0, "[n_m]": 1.0, "m": 1e9, "micron": 1e3, "microns": 1e3, "\xb5m": 1e3, "um": 1e3}


def tiff(path):
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        tags = {tag.code: tag.value for tag in page.tags}
        data = page.asarray()
    text = tags.get(270, "") if isinstance(tags.get(270, ""), str) else ""
    unit = re.search(r"^unit=(.*)$", text, re.M)
    if text.startswith("ImageJ") and unit:
        word = unit.group(1).strip().encode().decode("unicode_escape")
        return data, UNITS[word] * tags[282][1] / tags[282][0]
    if 65009 in tags:
        return data, float(tags[65009]) * UNITS[str(tags[65003]).strip("\0")]
    return data, 0.0


def png(path):
    bytes_, at, packed, header = path.read_bytes(), 8, b"", None
    while at < len(bytes_):
        length, kind = struct.unpack(">I4s", bytes_[at : at + 8])
        body = bytes_[at + 8 : at + 8 + length]
        header = struct.unpack(">IIBBBBB", body) if kind == b"IHDR" else header
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    width, height, bits, colour = header[:4]
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    pixel, row = channels * bits // 8, width * channels * bits // 8
    raw, before, rows = zlib.decompress(packed), bytearray(row), []
    for y in range(height):
        kind, line = raw[y * (row + 1)], bytearray(raw[y * (row + 1) + 1 : (y + 1) * (row + 1)])
        for i in range(row):
            left = line[i - pixel] if i >= pixel else 0
            up, corner = before[i], before[i - pixel] if i >= pixel else 0
            if kind == 1:
                line[i] = (line[i] + left) & 255
            elif kind == 2:
                line[i] = (line[i] + up) & 255
            elif kind == 3:
                line[i] = (line[i] + (left + up) // 2) & 255
            elif kind == 4:
                guess = left + up - corner
                near = min((left, up, corner), key=lambda value: abs(guess - value))
                line[i] = (line[i] + near) & 255
        rows.append(bytes(line))
        before = line
    data = np.frombuffer(b"".join(rows), ">u2" if bits == 16 else "u1").reshape(height, width, channels)
    return data[..., 0].astype("uint8" if bits == 8 else "uint16"), 0.0


def mrc(path):
    bytes_ = path.read_bytes()
    nx, ny, nz, mode = struct.unpack("<4i", bytes_[:16])
    cell, extended = struct.unpack("<f", bytes_[40:44])[0], struct.unpack("<i", bytes_[92:96])[0]
    kind = {0: "i1", 1: "<i2", 2: "<f4", 6: "<u2"}[mode]
    data = np.frombuffer(bytes_, kind, nx * ny * nz, 1024 + extended).reshape(nz, ny, nx)
    return data[0], cell / nx / 10


def ser(path):
    bytes_ = path.read_bytes()
    offset = struct.unpack("<I", bytes_[22:26])[0]
    element = struct.unpack("<I", bytes_[offset : offset + 4])[0]
    step = struct.unpack("<d", bytes_[element + 8 : element + 16])[0]
    kind, width, height = struct.unpack("<hii", bytes_[element + 40 : element + 50])
    data = np.frombuffer(bytes_, {2: "<u2", 5: "<i2"}[kind], width * height, element + 50).reshape(height, width)
    return data[::-1], step * 1e9


def digital_micrograph(path):
    """Only the image and its calibration: the last image of the list, found by the marks of its tags."""
    bytes_ = path.read_bytes()
    wide = struct.unpack(">i", bytes_[:4])[0] == 4
    size = 8 if wide else 4
    mark = lambda name: struct.pack(">BH", 21, len(name)) + name

    def last(name):
        at = bytes_.rfind(mark(name))
        at = bytes_.index(b"%%%%", at) + 4
        count = struct.unpack(">q" if wide else ">i", bytes_[at : at + size])[0]
        form = ">%d%s" % (count, "q" if wide else "i")
        return struct.unpack(form, bytes_[at + size : at + size * (count + 1)]), at + size * (count + 1)

    # "Data" of an image is the longest array of that name besides the thumbnail's, which comes first.
    info, at = last(b"Data")
    kind = struct.unpack("<I", bytes_[last(b"DataType")[1] :][:4])[0]
    dtype = {1: "<i2", 2: "<f4", 7: "<i4", 10: "<u2", 11: "<u4"}[kind]
    group = struct.pack(">BH", 20, 10) + b"Dimensions"
    spot = bytes_.rfind(group)
    numbers = []
    for _ in range(2):
        spot = bytes_.index(b"%%%%", spot) + 4
        numbers.append(struct.unpack("<I", bytes_[spot + 2 * size :][:4])[0])
    data = np.frombuffer(bytes_, dtype, info[-1], at).reshape(numbers[1], numbers[0])
    spot = bytes_.rfind(struct.pack(">BH", 20, 9) + b"Dimension")
    spot = bytes_.index(mark(b"Scale"), spot)
    spot = bytes_.index(b"%%%%", spot) + 4
    scale = struct.unpack("<f", bytes_[spot + 2 * size :][:4])[0]
    spot = bytes_.index(mark(b"Units"), spot)
    spot = bytes_.index(b"%%%%", spot) + 4
    letters = struct.unpack(">q" if wide else ">i", bytes_[spot + 3 * size :][:size])[0]
    unit = bytes_[spot + 4 * size :][: 2 * letters].decode("utf-16-le")
    return data, scale * UNITS[unit]


def velox(file):
    best = None
    for group in file["Data/Image"].values():
        record = json.loads(group["Metadata"][:, 0].tobytes().split(b"\0")[0])
        if record["BinaryResult"]["Detector"] == "HAADF":
            best = group["Data"][...], float(record["BinaryResult"]["PixelSize"]["width"]) * 1e9
    return np.moveaxis(best[0], -1, 0), best[1]


def hdf5(path):
    with h5py.File(path, "r") as file:
        if "Data/Image" in file:
            return velox(file)
        if "Experiments" in file:
            group = next(iter(file["Experiments"].values()))
            axis = group["axis-1"].attrs
            unit = axis.get("units", "nm")
            return group["data"][...], axis["scale"] * UNITS[unit if isinstance(unit, str) else unit.decode()]
        if "data/single" in file:
            positions = file["data/single/dim2"]
            step = (float(positions[-1]) - float(positions[0])) / (len(positions) - 1)
            return file["data/single/data"][...], step * UNITS[positions.attrs["units"].decode()]
        return file["image_data0"][...], 0.0


def main():
    readers = {".tif": tiff, ".png": png, ".mrc": mrc, ".ser": ser, ".dm3": digital_micrograph}
    readers[".dm4"] = digital_micrograph
    for name in sys.argv[1:]:
        path = Path(name)
        data, pixel = readers.get(path.suffix, hdf5)(path)
        frames = data if data.ndim == 3 else data[None]
        mean = frames.astype("f8").mean()
        shape = " ".join(str(size) for size in frames.shape[1:])
        kind = data.dtype.name
        print(path.name, len(frames), shape, kind, repr(float(pixel)), repr(float(mean)), float(frames[0][0, 1]),
              float(frames[0][-1, 0]))  # fmt: skip


if __name__ == "__main__":
    main()
