"""Pictures from files, friendly and hostile."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from cnnviz.data import datasets
from cnnviz.data.digits import DrawingSteps, prepare
from cnnviz.data.errors import DataError
from cnnviz.data.images import MAX_PIXELS, digit_from_image, load_image
from tests.data.strokes import Stroke
from tests.data.test_digits import correlation

SEVEN = Stroke(((90, 60), (190, 60), (120, 220)), 24).drawn()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "seven.png"


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_image(path)
    with pytest.raises(DataError):
        digit_from_image(path)
    return str(caught.value)


class TestLoad:
    def test_grey(self, file: Path) -> None:
        Image.fromarray(SEVEN).save(file)
        assert np.array_equal(load_image(file), SEVEN)

    @pytest.mark.parametrize("suffix", ["png", "bmp", "gif", "tif", "pgm", "webp"])
    def test_lossless_kinds(self, tmp_path: Path, suffix: str) -> None:
        path = tmp_path / f"seven.{suffix}"
        Image.fromarray(SEVEN).save(path, lossless=True)  # what only WebP asks
        assert abs(load_image(path).astype(int) - SEVEN).max() <= 1

    def test_colours_become_grey_by_their_brightness(self, file: Path) -> None:
        colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
        picture = Image.new("RGB", (4, 1))
        picture.putdata(colours)
        picture.save(file)
        # ITU-R 601-2 luma
        expected = [0.299 * r + 0.587 * g + 0.114 * b for r, g, b in colours]
        assert load_image(file)[0].tolist() == pytest.approx(expected, abs=1)

    def test_sixteen_bits(self, file: Path) -> None:
        Image.fromarray(SEVEN.astype(np.uint16) * 257).save(file)
        assert np.array_equal(load_image(file), SEVEN)

    def test_what_is_transparent_is_paper(self, file: Path) -> None:
        ink = Image.new("LA", (SEVEN.shape[1], SEVEN.shape[0]), (0, 0))
        ink.putalpha(Image.fromarray(SEVEN))
        ink.save(file)
        assert np.array_equal(load_image(file), 255 - SEVEN)

    def test_a_transparent_palette_colour(self, file: Path) -> None:
        picture = Image.new("P", (2, 1))
        picture.putpalette([0, 0, 0, 9, 9, 9])
        picture.putdata([0, 1])
        picture.save(file, transparency=0)
        assert load_image(file).tolist() == [[255, 9]]

    def test_exif_rotation(self, tmp_path: Path) -> None:
        path = tmp_path / "photo.png"
        exif = Image.Exif()
        exif[0x0112] = 6  # the camera was turned: show it a quarter turn to the right
        Image.fromarray(SEVEN).save(path, exif=exif)
        assert np.array_equal(load_image(path), np.rot90(SEVEN, -1))


class TestRefused:
    def test_missing(self, file: Path) -> None:
        assert refused(file) == f"There is no file seven.png in {file.parent}. Check the name."

    def test_folder(self, tmp_path: Path) -> None:
        assert "cannot be read (" in refused(tmp_path)

    @pytest.mark.parametrize("content", [b"", b"hello", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"<svg/>"])
    def test_no_picture(self, file: Path, content: bytes) -> None:
        file.write_bytes(content)
        assert "is not a picture that can be read. Choose one of these kinds: PNG" in refused(file)

    def test_cut_off(self, file: Path) -> None:
        Image.fromarray(SEVEN).save(file)
        file.write_bytes(file.read_bytes()[:-200])
        assert "seven.png is damaged" in refused(file)

    @pytest.mark.parametrize("side", [int(MAX_PIXELS**0.5) + 1, 10_000, 20_000, 2**31 - 1])
    def test_too_many_pixels(self, file: Path, side: int) -> None:
        def chunk(name: bytes, data: bytes) -> bytes:
            checksum = struct.pack(">I", zlib.crc32(name + data))
            return struct.pack(">I", len(data)) + name + data + checksum

        header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
        data = zlib.compress(bytes(1000))
        file.write_bytes(
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", header)
            + chunk(b"IDAT", data)
            + chunk(b"IEND", b"")
        )
        assert "more than 64,000,000 pixels" in refused(file)

    @given(st.data())
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_damage_never_gets_out_as_another_error(self, file: Path, data: st.DataObject) -> None:
        stream = io.BytesIO()
        kind = data.draw(st.sampled_from(["PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM"]))
        Image.fromarray(SEVEN[::8, ::8]).save(stream, kind)
        content = bytearray(stream.getvalue())
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        file.write_bytes(content)
        with contextlib.suppress(DataError):  # and nothing else
            assert load_image(file).ndim == 2

    @pytest.mark.parametrize("grey", [0, 128, 255])
    def test_nothing_drawn(self, file: Path, grey: int) -> None:
        Image.new("L", (100, 80), grey).save(file)
        with pytest.raises(DataError, match=r"nothing to see in seven\.png: it is all one colour"):
            digit_from_image(file)


class TestDigit:
    def test_an_mnist_image_is_taken_as_it_is(self, file: Path) -> None:
        for digit in datasets.test_images("mnist")[:20]:
            Image.fromarray(digit).save(file)
            assert np.array_equal(digit_from_image(file), digit)

    def test_white_on_black_is_prepared(self, file: Path) -> None:
        Image.fromarray(SEVEN).save(file)
        assert np.array_equal(digit_from_image(file), prepare(SEVEN))

    def test_black_on_white_is_turned_round(self, file: Path) -> None:
        Image.fromarray(255 - SEVEN).save(file)
        assert np.array_equal(digit_from_image(file), prepare(SEVEN))

    def test_the_steps_are_passed_on(self, file: Path) -> None:
        steps = DrawingSteps(crop=False, scale=False, center=False)
        Image.fromarray(SEVEN).save(file)
        assert np.array_equal(digit_from_image(file, steps), prepare(SEVEN, steps))

    def test_photos(self, tmp_path: Path) -> None:
        """Digits of MNIST on grey paper, in uneven light, with noise, as JPEG."""
        random = np.random.default_rng(3)
        digits = datasets.test_images("mnist")[:24]
        down, right = np.mgrid[0:800, 0:600]
        light = 210 - 60 * right / 600 - 40 * down / 800
        similar = []
        for digit in digits:
            ink = np.zeros((800, 600))
            enlarged = Image.fromarray(digit).resize((450, 450), Image.Resampling.BICUBIC)
            ink[150:600, 75:525] = np.asarray(enlarged) / 255
            photo = light * (1 - 0.75 * ink) + random.normal(0, 4, ink.shape)
            path = tmp_path / "photo.jpg"
            Image.fromarray(photo.clip(0, 255).astype(np.uint8)).save(path, quality=80)
            image = digit_from_image(path)
            shifts = [np.roll(image, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
            similar.append(max(correlation(digit, shifted) for shifted in shifts))
        assert np.mean(similar) > 0.95
        assert min(similar) > 0.85

    def test_a_photo_of_chalk_on_a_board(self, tmp_path: Path) -> None:
        random = np.random.default_rng(5)
        board = 50 + random.normal(0, 4, SEVEN.shape) + 0.6 * SEVEN
        path = tmp_path / "board.jpg"
        Image.fromarray(board.clip(0, 255).astype(np.uint8)).save(path, quality=90)
        assert correlation(digit_from_image(path), prepare(SEVEN)) > 0.9

    def test_a_thick_marker_stays_filled(self, file: Path) -> None:
        picture = Image.new("L", (200, 300), 235)
        ImageDraw.Draw(picture).line([(100, 40), (100, 260)], fill=20, width=45)
        noisy = np.asarray(picture) + np.random.default_rng(1).normal(0, 3, (300, 200))
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file)
        expected = prepare(np.asarray(ImageOps.invert(picture)) // 215 * 215)
        assert correlation(digit_from_image(file), expected) > 0.95
