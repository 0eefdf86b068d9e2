"""HTML pages named after the defect they hold. Data only; test_html.py says what each must give."""

ROWS = "<tr><td>收到申请数</td><td>件</td><td>12</td></tr><tr><td>申请办结数</td><td>件</td><td>/</td></tr>"
PLAIN = f"<p>一、概述</p><table>{ROWS}</table><p>完</p>"

PAGES: dict[str, str] = {
    "plain": PLAIN,
    "layout tables around": f"<table><tr><td width=10></td><td><p>一、概述</p><table>{ROWS}</table></td></tr></table><p>完</p>",
    "three layout tables deep": "<table><tr><td><table><tr><td>左</td><td>右<table><tr><td>"
    f"<table>{ROWS}</table></td></tr></table></td></tr></table></td></tr></table>",
    "table of one cell in a cell": "<table><tr><td>收到申请数</td><td><table><tr><td>12</td></tr></table></td></tr>"
    "<tr><td>申请办结数</td><td>3</td></tr></table>",
    "end tags of cells and rows missing": "<table><tr><td>收到申请数<td>件<td>12<tr><td>申请办结数<td>件<td>/</table><p>完</p>",
    "end tags of groups missing": "<table><thead><tr><th>指标<th>数<tbody><tr><td>收到申请数<td>12</table>完",
    "row tags missing": "<table><tbody><td>收到申请数</td><td>12</td></tbody></table>",
    "text in a table but in no cell": "<table>单位：件<tr>注<td>收到申请数</td><td>12</td>尾</tr></table>",
    "caption": "<table><caption>表三</caption><tr><td>收到申请数</td><td>12</td></tr></table>",
    "blank cells of Word": "<table><tr><td><p><o:p>&nbsp;</o:p></p></td><td><o:p></o:p></td><td>0</td></tr></table>",
    "label split over spans": "<table><tr><td><span>收到</span><span lang=EN-US>申</span>\n<span>请数</span></td><td><b>1</b>2</td></tr></table>",
    "label split over paragraphs": "<table><tr><td><p>收到<p>申请数</td><td><div>12</div></td></tr></table>",
    "line breaks in a cell": "<table><tr><td>自<br>然<br/>人</td><td>12</td></tr></table>",
    "comments": "<table><!-- <tr><td>旧</td></tr> --><tr><td>收到<!-- x -->申请数</td><td>12</td></tr></table>",
    "script in a cell": "<table><tr><td>收到<script>document.write('<td>9</td>')</script>申请数</td><td>12<style>p{}</style></td></tr></table>",
    "colspan of zero, of words, below zero": "<table><tr><td colspan=0>甲</td><td colspan=two>乙</td><td colspan=-3>丙</td><td colspan='2px'>丁</td></tr></table>",
    "colspan of millions": "<table><tr><td colspan=99999999>甲</td></tr><tr><td>乙</td><td>丙</td></tr></table>",
    "rowspan past the end": "<table><tr><td rowspan=40>甲</td><td>乙</td></tr><tr><td>丙</td></tr></table>",
    "rowspan to the end": "<table><tr><td rowspan=0>甲</td><td>乙</td></tr><tr><td>丙</td></tr><tr><td>丁</td></tr></table>",
    "text after the table": "<table><tr><td>甲</td><td>1</td></tr></table>共1件",
    "end tag of a table missing": f"<table>{ROWS}<p>二、处理</p><table>{ROWS}</table></table><p>完</p>",
    "end tag of a table in a cell missing": f"<table><tr><td>左</td><td><table>{ROWS}<p>二、处理</p><table>{ROWS}</table></td></tr></table>",
    "empty table": "<p>一</p><table><tr><td>&nbsp;</td></tr><tr></tr></table>",
    "table of one column": "<table><tr><td>一、概述</td></tr><tr><td>二、公开</td></tr></table>",
    "conditional comments of Word": "<!--[if gte mso 9]><xml></xml><![endif]--><![if !supportLists]><p>一、概述</p><![endif]>",
    "a page within a page": f"<html><body><p>一、概述</p></body></html><html><head><title>二</title></head><body><table>{ROWS}</table></body></html>",
    "head without an end": f"<html><head><title>年报</title><meta charset=utf-8><body>{PLAIN}</body></html>",
    "frame of an old page": "<noscript>请启用脚本</noscript><select><option>2018</option></select><p>正文</p>",
    "entities": "<p>1 &lt; 2，A&amp;B&ldquo;三安全&rdquo;&#12288;&#x31;</p>",
    "bare angle brackets": "<p>不足 < 3 件，多于 <3件</p>",
    "control characters": "<p>甲\x01乙\x0b丙</p>",
    "upper case": "<TABLE><TR><TD ROWSPAN=2>甲</TD><TD>1</TD></TR><TR><TD>2</TD></TR></TABLE>",
    "inline elements never closed": "<p><b>甲<p><i>乙<table><tr><td><font>丙<td>1</table>丁",
    "cells of a row after its end": "<table><tr><td>甲</td></tr><td>1</td></table>",
}
