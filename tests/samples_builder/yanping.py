"""Yanping 2018: the Fujian annex as text. No other report.

What a reader must bear: a header of four columns over rows of two figures (the unit column is lost), a cumulative column,
non-breaking spaces, a heading number used twice, answers 0 against parts of 2.
"""

from __future__ import annotations

from extractors.forms.catalogue import default
from tests.samples_builder import figures

SOURCE = "yanping-2018"
NAME = f"{SOURCE}.txt"
BEFORE = """您现在的位置:南平市延平区人民政府

南平市延平区人民政府办公室
关于2018年度政府信息公开年度报告

发布时间:2019-01-10\xa0\xa0\xa0\xa0\xa0【字体:

本报告汇总区内乡镇、街道与区直部门的数据编制,统计期限自2018年1月1日起至2018年12月31日止。

一、概述

(一)公开平台

1.\xa0门户网站设有目录、指南和依申请公开等栏目。

(三)制度建设

1.\xa0信息发布前先审查,审查意见随文存档。

(三)培训

1.\xa0当年编有培训资料一册,发给各单位。

二、主动公开政府信息的情况

2018年全区主动公开信息数2994条,其中各级政府1501条,政府部门1493条。自2008年起累计主动公开政府信息54977条。

按类别分:机构职能386条,政策、规范性文件360条,规划计划171条,行政许可33条,重大建设项目156条,为民办实事96条,民政扶贫73条,国土资源135条,科教文体卫生122条,安全生产应急471条。

三、政府信息依申请公开办理情况

2018年度受理依申请公开2件;自2008年起累计受理3180件:当面申请3132件、网络申请40件、信函申请8件。

四、因政府信息公开申请行政复议、提起行政诉讼的情况\xa0

2018年行政复议0件,行政诉讼0件;历年累计也都是0件。

五、政府信息公开工作存在的主要问题及改进措施

经办人员更换较勤,业务还不熟。下一年度准备分片培训。

六、需要说明的其他事项与附表

(一)需要说明的其他事项。无

(二)附表

附表

指\xa0标\xa0名\xa0称 计量单位 2018年度 历年累计
"""
AFTER = """
南平市延平区人民政府办公室

2019年1月10日

打印】【关闭
\xa0
"""


def build() -> bytes:
    """The text, UTF-8."""
    known = figures.load(SOURCE)
    table = default().table("local_fujian", "fujian")
    rows = [
        " ".join((line.label, *(known["fujian", line.code, c.code] for c in table.columns))) for line in table.lines
    ]
    return (BEFORE + "\n".join(rows) + "\n" + AFTER).encode()
