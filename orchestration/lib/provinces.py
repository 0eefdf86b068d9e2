"""Province-level divisions (省级行政区) by the first two digits of their code (GB/T 2260), in English. Knows no report."""

ENGLISH = {
    "00": "Region unknown", "11": "Beijing", "12": "Tianjin", "13": "Hebei", "14": "Shanxi", "15": "Inner Mongolia",
    "21": "Liaoning", "22": "Jilin", "23": "Heilongjiang", "31": "Shanghai", "32": "Jiangsu", "33": "Zhejiang",
    "34": "Anhui", "35": "Fujian", "36": "Jiangxi", "37": "Shandong", "41": "Henan", "42": "Hubei", "43": "Hunan",
    "44": "Guangdong", "45": "Guangxi", "46": "Hainan", "50": "Chongqing", "51": "Sichuan", "52": "Guizhou",
    "53": "Yunnan", "54": "Tibet", "61": "Shaanxi", "62": "Gansu", "63": "Qinghai", "64": "Ningxia", "65": "Xinjiang",
    "66": "Xinjiang Production and Construction Corps", "71": "Taiwan", "81": "Hong Kong", "82": "Macao",
}  # fmt: skip


def province(region_code: str | None) -> str:
    """The first two digits of a region code, 00 where it is unknown."""
    found = (region_code or "")[:2]
    return found if found in ENGLISH else "00"
