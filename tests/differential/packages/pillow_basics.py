# needs: PIL
"""Pillow: images made, drawn on, filtered, saved and read again."""
import io

from PIL import Image, ImageChops, ImageDraw, ImageFilter

image = Image.new("RGB", (40, 30), "navy")
draw = ImageDraw.Draw(image)
draw.ellipse((5, 5, 30, 25), fill=(255, 200, 0), outline="white")
draw.line([(0, 0), (39, 29)], fill="red", width=2)
print(image.mode, image.size, image.getpixel((15, 15)), image.histogram()[:5], image.getbbox())
for kind in ("PNG", "GIF", "BMP", "JPEG", "TIFF", "PPM"):
    file = io.BytesIO()
    image.save(file, kind)
    again = Image.open(io.BytesIO(file.getvalue()))
    again.load()
    print(kind, again.format, again.mode, again.size, len(file.getvalue()))
small = image.resize((10, 8), Image.LANCZOS).filter(ImageFilter.BLUR).convert("L").rotate(90, expand=True)
print(small.size, small.tobytes().hex()[:60], ImageChops.difference(image, image.transpose(0)).getbbox())
print(small.point(lambda v: 255 - v).getextrema(), bytes(image.crop((14, 14, 16, 15)).getdata(1)))
for bad in (lambda: Image.open(io.BytesIO(b"no image")), lambda: Image.new("X", (1, 1)), lambda: image.getpixel((99, 0))):
    try:
        bad()
    except Exception as error:
        print(type(error).__name__, str(error).split("<")[0])
