"""Folders of one's own: COCO JSON, Pascal VOC XML, masks."""

import json

import numpy as np
import pytest
from PIL import Image

from keras_course.data import IGNORE, load_masks, load_objects
from keras_course.data.pictures import read_mask

SIZES = [(20 + index, 30) for index in range(10)]  # height, width


def pixels(index):
    return np.random.default_rng(index).integers(0, 256, (*SIZES[index], 3), dtype=np.uint8)


def write_pictures(folder, count=10):
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        Image.fromarray(pixels(index)).save(folder / f"{index:02}.png")
    return folder


def coco(count=10, **changes):
    """Two boxes per picture, of a cat (category 7) and a crowd of dogs (category 3); none in picture 1."""
    images = [
        {"id": 100 + i, "file_name": f"{i:02}.png", "height": SIZES[i][0], "width": SIZES[i][1]} for i in range(count)
    ]
    annotations = [
        {"id": 2 * i + k, "image_id": 100 + i, "category_id": category, "bbox": box, "iscrowd": k}
        for i in range(count)
        if i != 1
        for k, (category, box) in enumerate([(7, [1, 2, 10, 5]), (3, [0, 0, 30, 20])])
    ]
    categories = [{"id": 7, "name": "cat"}, {"id": 3, "name": "dog"}]
    return {"images": images, "annotations": annotations, "categories": categories} | changes


def write_coco(folder, table=None, **changes):
    write_pictures(folder)
    (folder / "labels.json").write_text(json.dumps(table or coco(**changes)))
    return folder


SHEET = """<annotation><filename>x.jpg</filename><size><width>{width}</width><height>{height}</height></size>
{objects}</annotation>"""
OBJECT = """<object><name>{name}</name><difficult>{difficult}</difficult>
<bndbox><xmin>{0}</xmin><ymin>{1}</ymin><xmax>{2}</xmax><ymax>{3}</ymax></bndbox></object>"""


def write_voc(folder, count=10):
    """The objects of `coco` as VOC has them."""
    write_pictures(folder)
    for index in range(count):
        height, width = SIZES[index]
        cat = OBJECT.format(2, 3, 11, 7, name="cat", difficult=0)
        dogs = OBJECT.format(1, 1, 30, 20, name="dog", difficult=1)
        objects = "" if index == 1 else cat + dogs
        (folder / f"{index:02}.xml").write_text(SHEET.format(width=width, height=height, objects=objects))
    return folder


@pytest.mark.parametrize(("write", "names"), [(write_coco, ("dog", "cat")), (write_voc, ("cat", "dog"))])
def test_both_formats_say_the_same(tmp_path, write, names):
    data = load_objects(write(tmp_path), image_size=64, validation_fraction=0.2)
    assert data.class_names == names
    assert data.name == tmp_path.name
    assert data.input_shape == (64, 64, 3)
    assert data.train_size + data.validation_size + data.test_size == 10
    found = {}
    for part in (data.train_examples, data.validation_examples, data.test_examples):
        for index, size in enumerate(part.sizes):
            real = part.class_id[index] >= 0
            boxes = part.letterbox(index).to_original(part.boxes[index][real])
            rows = zip(boxes, part.class_id[index][real], part.is_crowd[index][real], strict=True)
            found[tuple(size.tolist())] = {names[c]: (box.round(4).tolist(), bool(crowd)) for box, c, crowd in rows}
    expected = {"cat": ([1, 2, 11, 7], False), "dog": ([0, 0, 30, 20], True)}
    assert found == {size: {} if size == SIZES[1] else expected for size in SIZES}


def test_pictures_of_coco_may_lie_in_a_folder_of_their_own(tmp_path):
    beside, apart = tmp_path / "beside", tmp_path / "apart"
    write_coco(beside), write_pictures(apart / "images")
    (apart / "labels.json").write_text(json.dumps(coco()))
    both = [load_objects(folder, image_size=32).train_examples for folder in (beside, apart)]
    for mine, theirs in zip(*both, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_splits_of_ones_own_are_kept(tmp_path):
    for split in ("train", "validation", "test"):
        write_coco(tmp_path / split)
    write_coco(tmp_path / "test", changed("annotations", 0, bbox=[3, 2, 11, 5]))
    with pytest.warns(UserWarning, match="same picture in two splits.*train/00.png .train. and validation/00.png"):
        data = load_objects(tmp_path, validation_fraction=0)
    assert (data.train_size, data.validation_size, data.test_size) == (10, 10, 10)
    assert data.input_shape == (256, 256, 3)


def test_a_digest_knows_pictures_and_boxes(tmp_path):
    first = load_objects(write_coco(tmp_path), image_size=32).source
    assert first == load_objects(tmp_path, image_size=64).source
    table = coco()
    table["annotations"][0]["bbox"] = [1, 2, 11, 5]
    assert load_objects(write_coco(tmp_path, table), image_size=32).source["digest"] != first["digest"]


def test_pictures_without_annotations_are_ignored_with_a_warning(tmp_path):
    write_voc(tmp_path, count=8)
    with pytest.warns(UserWarning, match="without annotations: 08.png, 09.png"):
        data = load_objects(tmp_path)
    assert data.train_size + data.validation_size + data.test_size == 8


def test_pictures_are_taken_upright(tmp_path):
    write_coco(tmp_path)
    turned = Image.fromarray(pixels(0).transpose(1, 0, 2))
    exif = turned.getexif()
    exif[0x0112] = 5  # stored transposed
    turned.save(tmp_path / "00.png", exif=exif)
    upright = load_objects(tmp_path, image_size=64)
    Image.fromarray(pixels(0)).save(tmp_path / "00.png")
    np.testing.assert_array_equal(
        upright.train_examples.images, load_objects(tmp_path, image_size=64).train_examples.images
    )


def changed(key, index, **entries):
    table = coco()
    table[key][index] |= entries
    return table


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (changed("annotations", 0, bbox=[1, 2, -10, 5]), r"00.png: a box .*x_min <= x_max.*\(1, 2, -9, 7\)"),
        (changed("annotations", 0, bbox=[1, 2, float("nan"), 5]), "00.png: a box .*finite"),
        (changed("annotations", 0, bbox=[40, 2, 3, 5]), "00.png: a box .*lie in the picture, 30x20"),
        (changed("annotations", 0, bbox=[1, 2, 3]), "00.png: a box must be four numbers"),
        (changed("annotations", 0, bbox="all"), "00.png: a box must be four numbers"),
        (changed("annotations", 0, category_id=5), "labels.json: annotation 0 has an unknown category_id, 5"),
        (changed("annotations", 0, image_id=5), "labels.json: annotation 0 has an unknown image_id, 5"),
        (changed("images", 2, file_name="none.png"), "labels.json: there is no picture 'none.png'"),
        (changed("images", 2, height=21), r"02.png: annotations must be .* 22x30 .*annotations for 21x30"),
        (changed("categories", 0, name="dog"), "labels.json: two categories"),
        (changed("categories", 0, name=7), "labels.json: the name of a category .*7"),
        (changed("categories", 0, name="a\nb"), r"`class_names` must be .* without line breaks. Received: 'a\\nb'"),
        (changed("annotations", 0, bbox="1234"), "00.png: a box must be four numbers"),
        (changed("annotations", 0, bbox=[1, 2, 10**400, 5]), "00.png: a box must be four numbers"),
        (changed("annotations", 0, iscrowd="no"), "00.png: a flag .* 0 or 1. Received: 'no'"),
        (changed("images", 2, height=float("inf")), "02.png: height and width must be whole numbers. Received: inf"),
        (changed("images", 2, height=22.5), "02.png: height and width must be whole numbers. Received: 22.5"),
        (changed("images", 2, height="x"), "02.png: height and width must be whole numbers. Received: 'x'"),
        (changed("images", 2, id=100), "labels.json: two images have the same id or file_name"),
        (changed("images", 2, file_name="00.png"), "labels.json: two images have the same id or file_name"),
        (changed("images", 2, file_name="n" * 300), "labels.json: there is no picture 'nnn"),
        (changed("images", 2, file_name="../00.png"), "labels.json: there is no picture '../00.png' beside it"),
        ({"images": []}, "labels.json: an entry lacks 'categories'"),
        ({"images": 3, "categories": [], "annotations": []}, "labels.json: not as its format says"),
        (coco(count=0), "annotated pictures.*none"),
    ],
)
def test_bad_coco_is_refused_by_name(tmp_path, table, message):
    with pytest.raises(ValueError, match=message):
        load_objects(write_coco(tmp_path, table))


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"images": "\xe9"}', b"[" * 100_000, b"[" + b"9" * 5_000 + b"]"],
    ids=["empty", "cut off", "Latin-1", "deep", "digits"],
)
def test_what_is_not_json_is_refused_by_name(tmp_path, content):
    write_coco(tmp_path)
    (tmp_path / "labels.json").write_bytes(content)
    with pytest.raises(ValueError, match="labels.json: not JSON"):
        load_objects(tmp_path)


def test_flags_may_be_texts(tmp_path):
    """A text "0" is no crowd, though Python takes it for true."""
    table = coco()
    table["annotations"] = [each | {"iscrowd": str(each["iscrowd"])} for each in table["annotations"]]
    crowds = load_objects(write_coco(tmp_path, table), image_size=32).train_examples
    assert [*np.unique(crowds.class_id[crowds.is_crowd])] == [0]  # the dogs


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        ("<annotation>", "02.xml: not XML"),
        ('<?xml version="1.0" encoding="none"?><annotation/>', "02.xml: not XML .unknown encoding"),
        ('<?xml version="1.0" encoding="shift_jis"?><annotation/>', "02.xml: not XML .multi-byte encodings"),
        ("<svg/>", "02.xml: Pascal VOC has an <annotation>. Received: <svg>"),
        (SHEET.format(width="x", height=22, objects=""), "02.xml: height and width must be whole numbers"),
        (
            SHEET.format(width=30, height=22, objects=OBJECT.format(1, 3, 2, 7, name="cat", difficult="yes")),
            "02.xml: a flag .* 0 or 1. Received: 'yes'",
        ),
        (SHEET.format(width=30, height=22, objects="<object><name>cat</name></object>"), "lacks 'bndbox/xmin'"),
        (
            SHEET.format(width=30, height=22, objects=OBJECT.format(9, 3, 2, 7, name="cat", difficult=0)),
            "02.png: a box",
        ),
        (SHEET.format(width=22, height=30, objects=""), "02.png: annotations must be .* as it is seen, 22x30"),
        (
            SHEET.format(width=30, height=22, objects=OBJECT.format("a", 3, 2, 7, name="b", difficult=0)),
            "02.xml: a box",
        ),
    ],
)
def test_bad_voc_is_refused_by_name(tmp_path, sheet, message):
    write_voc(tmp_path)
    (tmp_path / "02.xml").write_text(sheet)
    with pytest.raises(ValueError, match=message):
        load_objects(tmp_path)


def test_voc_may_keep_pictures_and_annotations_apart(tmp_path):
    beside, apart = tmp_path / "beside", tmp_path / "apart"
    for folder in (beside, apart):
        folder.mkdir()
        write_pictures(folder)
        write_voc(folder)
    for name, suffix in (("Annotations", ".xml"), ("JPEGImages", "")):
        (apart / name).mkdir()
        for file in [file for file in apart.iterdir() if file.is_file() and file.suffix.endswith(suffix)]:
            file.rename(apart / name / file.name)
    one, other = load_objects(beside), load_objects(apart)
    assert one.class_names == other.class_names
    np.testing.assert_array_equal(one.train_examples.images, other.train_examples.images)
    np.testing.assert_array_equal(one.train_examples.boxes, other.train_examples.boxes)


def test_what_lies_in_the_folder_must_be_one_of_the_formats(tmp_path):
    with pytest.raises(FileNotFoundError, match="existing folder"):
        load_objects(tmp_path / "none")
    with pytest.raises(ValueError, match="one COCO JSON file.*0 JSON files and 0 XML files"):
        load_objects(write_pictures(tmp_path))
    write_coco(tmp_path)
    write_voc(tmp_path)
    with pytest.raises(ValueError, match="one COCO JSON file.*1 JSON files and 10 XML files"):
        load_objects(tmp_path)
    (tmp_path / "labels.json").write_text("{")
    for sheet in tmp_path.glob("*.xml"):
        sheet.unlink()
    with pytest.raises(ValueError, match="labels.json: not JSON"):
        load_objects(tmp_path)


def test_a_damaged_picture_is_named(tmp_path):
    write_coco(tmp_path)
    file = tmp_path / "04.png"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(ValueError, match="1 unreadable: 04.png"):
        load_objects(tmp_path)


def test_a_class_that_training_lacks_is_refused(tmp_path):
    write_voc(tmp_path / "train")
    write_voc(tmp_path / "test")
    sheet = tmp_path / "test" / "00.xml"
    sheet.write_text(sheet.read_text().replace("cat", "cow"))
    with pytest.raises(ValueError, match="00.png: a class must be one of cat, dog. Received: cow"):
        load_objects(tmp_path)


def mask_of(index):
    mask = np.random.default_rng(50 + index).integers(0, 3, SIZES[index], dtype=np.uint8)
    mask[0, 0] = IGNORE
    return mask


def write_masks(folder, mode="P"):
    write_pictures(folder / "images")
    (folder / "masks").mkdir(exist_ok=True)
    for index in range(10):
        image = Image.fromarray(mask_of(index))
        if mode == "P":
            image.putpalette(np.random.default_rng(0).integers(0, 256, 768).astype(np.uint8).tobytes())
        image.save(folder / "masks" / f"{index:02}.png")
    return folder


@pytest.mark.parametrize("mode", ["P", "L"])
def test_masks_with_a_palette_and_grey_ones_are_read_as_numbers(tmp_path, mode):
    data = load_masks(write_masks(tmp_path, mode), image_size=40)
    assert data.class_names == ("0", "1", "2")
    assert data.input_shape == (40, 40, 3)
    for part in (data.train_examples, data.validation_examples, data.test_examples):
        for index, size in enumerate(part.sizes):
            original = mask_of(SIZES.index(tuple(size.tolist())))
            letterbox = part.letterbox(index)
            assert letterbox.original == original.shape
            np.testing.assert_array_equal(letterbox.mask_to_original(part.masks[index]), original)


def test_classes_of_masks_have_the_names_of_a_file(tmp_path):
    write_masks(tmp_path)
    (tmp_path / "class_names.txt").write_text("background\ncat\ndog\ncow\n")
    assert load_masks(tmp_path).class_names == ("background", "cat", "dog", "cow")
    (tmp_path / "class_names.txt").write_text("background\ncat\n")
    with pytest.raises(ValueError, match=r"10 that do not: images/00.png \(00.png: a mask must have .*\[0, 2\)"):
        load_masks(tmp_path)
    (tmp_path / "class_names.txt").write_text("\n")
    with pytest.raises(ValueError, match="class_names.txt: class names must be one per line, .* Received: no name"):
        load_masks(tmp_path)
    for content, reason in ((b"caf\xe9\n", "is no text in UTF-8"), (b"n" * 17_000_000, "more than 16777216 bytes")):
        (tmp_path / "class_names.txt").write_bytes(content)
        with pytest.raises(ValueError, match=f"class_names.txt: class names must be in a text of UTF-8.*{reason}"):
            load_masks(tmp_path)


def test_masks_that_do_not_fit_are_named(tmp_path):
    write_masks(tmp_path)
    Image.fromarray(np.zeros((3, 4), np.uint8)).save(tmp_path / "masks" / "01.png")
    Image.fromarray(np.zeros((3, 4, 3), np.uint8)).save(tmp_path / "masks" / "02.png")
    Image.fromarray(np.zeros(SIZES[3], np.uint16)).save(tmp_path / "masks" / "03.png")
    with pytest.raises(
        ValueError, match=r"3 that do not: images/01.png .*3x4\), images/02.png .*mode RGB\).*mode I;16"
    ):
        load_masks(tmp_path)


def test_pictures_and_masks_without_partner_are_ignored_with_a_warning(tmp_path):
    write_masks(tmp_path)
    (tmp_path / "masks" / "09.png").rename(tmp_path / "masks" / "other.png")
    with pytest.warns(UserWarning, match="without partner: images/09.png, masks/other.png"):
        load_masks(tmp_path)


def test_a_folder_of_masks_must_have_both_kinds(tmp_path):
    with pytest.raises(ValueError, match="'images' and 'masks'.*without 'images'"):
        load_masks(write_pictures(tmp_path))
    write_masks(tmp_path)
    Image.fromarray(pixels(0)).save(tmp_path / "images" / "00.jpg")
    with pytest.raises(ValueError, match="another file has the same name, 00.jpg"):
        load_masks(tmp_path)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_grey_values_of_few_bits_are_what_the_file_has(tmp_path, bits):
    """Written byte by byte as the PNG specification says: Pillow writes no grey of 2 or 4 bits."""
    import struct
    import zlib

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    values = np.arange(8) % 2**bits
    packed = int("".join(f"{value:0{bits}b}" for value in values), 2).to_bytes(bits, "big")
    header = struct.pack(">IIBBBBB", 8, 1, bits, 0, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" + packed)) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png"), [values])
