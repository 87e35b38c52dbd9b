"""Small L2A products in the layout of the SAFE format, compact naming, which GDAL's own driver opens."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine

from geo.bands import BANDS

RESOLUTIONS = {
    10: ("B02", "B03", "B04", "B08"),
    20: ("B05", "B06", "B07", "B8A", "B11", "B12", "SCL"),
}
#: band_id of the product's lists.
ORDER = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")


@dataclass(frozen=True)
class Product:
    """One product; `digital_number` of a band is 1000 + 100 x its place, plus the pixel's place."""

    tile: str = "31UES"
    sensed: str = "20200501T105031"
    baseline: str = "02.14"
    made: str = "20200501T134530"
    offset: int | None = None
    level: str = "2A"
    side_px: int = 64
    left: int = 600_000
    top: int = 5_600_000
    epsg: int = 32631
    omit: tuple[str, ...] = ()
    manifest: bool = True

    @property
    def name(self) -> str:
        number = self.baseline.replace(".", "")
        return f"S2A_MSIL{self.level}_{self.sensed}_N{number}_R051_T{self.tile}_{self.made}"

    def pixels(self, band: str) -> np.ndarray[Any, Any]:
        side = self.side_px if band in RESOLUTIONS[10] else self.side_px // 2
        if band == "SCL":
            made = np.full((side, side), 4, dtype=np.uint8)
            made[0, 0] = 0
            return made
        place = np.arange(side * side, dtype=np.uint16).reshape(side, side)
        made = (1000 + 100 * BANDS.index(band) + place).astype(np.uint16)
        made[0, 0] = 0
        return made


def write_safe(folder: Path, product: Product) -> Path:
    """Write a product's folder; its path."""
    root = folder / f"{product.name}.SAFE"
    granule = f"L{product.level}_T{product.tile}_A025378_{product.sensed}"
    images = []
    for metres, bands in RESOLUTIONS.items():
        place = f"GRANULE/{granule}/IMG_DATA/R{metres}m"
        (root / place).mkdir(parents=True)
        for band in bands:
            stem = f"T{product.tile}_{product.sensed}_{band}_{metres}m"
            images.append(f"{place}/{stem}")
            if band not in product.omit:
                _write_jp2(root / place / f"{stem}.jp2", product, band, metres)
    (root / "GRANULE" / granule / "MTD_TL.xml").write_text(_tile_xml(product), encoding="utf-8")
    if product.manifest:
        (root / "manifest.safe").write_text(_manifest(root), encoding="utf-8")
    (root / f"MTD_MSIL{product.level}.xml").write_text(_product_xml(product, images), encoding="utf-8")
    return root


def write_zip(folder: Path, product: Product) -> Path:
    """Write a product as the archive in which it is handed out; its path."""
    root = write_safe(folder, product)
    path = folder / f"{product.name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(root.rglob("*")):
            archive.write(file, file.relative_to(folder))
    shutil.rmtree(root)
    return path


def _write_jp2(path: Path, product: Product, band: str, metres: int) -> None:
    pixels = product.pixels(band)
    transform = Affine(metres, 0, product.left, 0, -metres, product.top)
    shape = {"height": pixels.shape[0], "width": pixels.shape[1], "count": 1, "dtype": pixels.dtype}
    lossless = {"driver": "JP2OpenJPEG", "QUALITY": "100", "REVERSIBLE": "YES", "YCBCR420": "NO"}
    with rasterio.open(path, "w", **shape, **lossless, crs=f"EPSG:{product.epsg}", transform=transform) as file:
        file.write(pixels, 1)


def _manifest(root: Path) -> str:
    """What the real one says of each image: size and SHA3-256."""
    objects = "".join(
        f'<dataObject ID="{path.stem}"><byteStream mimeType="application/octet-stream" size="{path.stat().st_size}">'
        f'<fileLocation href="./{path.relative_to(root).as_posix()}" locatorType="URL"/>'
        f'<checksum checksumName="SHA3-256">{hashlib.sha3_256(path.read_bytes()).hexdigest()}</checksum>'
        "</byteStream></dataObject>"
        for path in sorted(root.rglob("*.jp2"))
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><xfdu:XFDU xmlns:xfdu="urn:ccsds:schema:xfdu:1">'
        f"<dataObjectSection>{objects}</dataObjectSection></xfdu:XFDU>"
    )


def _instant(compact: str) -> str:
    return f"{compact[:4]}-{compact[4:6]}-{compact[6:8]}T{compact[9:11]}:{compact[11:13]}:{compact[13:15]}.024Z"


def _product_xml(product: Product, images: list[str]) -> str:
    listed = "".join(f"<IMAGE_FILE>{image}</IMAGE_FILE>" for image in images)
    offsets = "".join(f'<BOA_ADD_OFFSET band_id="{index}">{product.offset}</BOA_ADD_OFFSET>' for index in range(13))
    stated = "" if product.offset is None else f"<BOA_ADD_OFFSET_VALUES_LIST>{offsets}</BOA_ADD_OFFSET_VALUES_LIST>"
    level = product.level
    sensed, made = _instant(product.sensed), _instant(product.made)
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:Level-{level}_User_Product xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-{level}.xsd">
<n1:General_Info>
<Product_Info>
<PRODUCT_START_TIME>{sensed}</PRODUCT_START_TIME>
<PRODUCT_STOP_TIME>{sensed}</PRODUCT_STOP_TIME>
<PRODUCT_URI>{product.name}.SAFE</PRODUCT_URI>
<PROCESSING_LEVEL>Level-{level}</PROCESSING_LEVEL>
<PRODUCT_TYPE>S2MSI{level}</PRODUCT_TYPE>
<PROCESSING_BASELINE>{product.baseline}</PROCESSING_BASELINE>
<GENERATION_TIME>{made}</GENERATION_TIME>
<Datatake datatakeIdentifier="GS2A_{product.sensed}_025378_N{product.baseline}">
<SPACECRAFT_NAME>Sentinel-2A</SPACECRAFT_NAME>
<DATATAKE_TYPE>INS-NOBS</DATATAKE_TYPE>
<DATATAKE_SENSING_START>{sensed}</DATATAKE_SENSING_START>
<SENSING_ORBIT_NUMBER>51</SENSING_ORBIT_NUMBER>
<SENSING_ORBIT_DIRECTION>DESCENDING</SENSING_ORBIT_DIRECTION>
</Datatake>
<Query_Options completeSingleTile="true"><PRODUCT_FORMAT>SAFE_COMPACT</PRODUCT_FORMAT></Query_Options>
<Product_Organisation>
<Granule_List>
<Granule datastripIdentifier="S2A_OPER_MSI_L{level}_DS_VGS2_{product.made}_S{product.sensed}_N{product.baseline}"
 granuleIdentifier="S2A_OPER_MSI_L{level}_TL_VGS2_{product.made}_A025378_T{product.tile}_N{product.baseline}"
 imageFormat="JPEG2000">{listed}</Granule>
</Granule_List>
</Product_Organisation>
</Product_Info>
<Product_Image_Characteristics>
<Special_Values><SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT><SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX></Special_Values>
<QUANTIFICATION_VALUES_LIST>
<BOA_QUANTIFICATION_VALUE unit="none">10000</BOA_QUANTIFICATION_VALUE>
</QUANTIFICATION_VALUES_LIST>
{stated}
</Product_Image_Characteristics>
</n1:General_Info>
<n1:Quality_Indicators_Info>
<Cloud_Coverage_Assessment>12.345</Cloud_Coverage_Assessment>
</n1:Quality_Indicators_Info>
</n1:Level-{level}_User_Product>
"""


def _tile_xml(product: Product) -> str:
    sizes, places = "", ""
    for metres in (10, 20, 60):
        side = max(product.side_px * 10 // metres, 1)
        sizes += f'<Size resolution="{metres}"><NROWS>{side}</NROWS><NCOLS>{side}</NCOLS></Size>'
        places += (
            f'<Geoposition resolution="{metres}"><ULX>{product.left}</ULX><ULY>{product.top}</ULY>'
            f"<XDIM>{metres}</XDIM><YDIM>-{metres}</YDIM></Geoposition>"
        )
    level = product.level
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:Level-{level}_Tile_ID xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/S2_PDI_Level-{level}_Tile_Metadata.xsd">
<n1:General_Info>
<TILE_ID>S2A_OPER_MSI_L{level}_TL_VGS2_{product.made}_A025378_T{product.tile}_N{product.baseline}</TILE_ID>
<SENSING_TIME>{_instant(product.sensed)}</SENSING_TIME>
</n1:General_Info>
<n1:Geometric_Info>
<Tile_Geocoding metadataLevel="Brief">
<HORIZONTAL_CS_NAME>WGS84 / UTM zone {product.epsg % 100}N</HORIZONTAL_CS_NAME>
<HORIZONTAL_CS_CODE>EPSG:{product.epsg}</HORIZONTAL_CS_CODE>
{sizes}{places}
</Tile_Geocoding>
</n1:Geometric_Info>
</n1:Level-{level}_Tile_ID>
"""
