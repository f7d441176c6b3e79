"""General-issue serial formats as data; `plateward.plates.formats` reads this table.

One line per jurisdiction: code | masks now issued | masks older but still on the road.
In a mask `A` is any letter, `1` any digit, `X` either, and `[…]` may be absent.
"""

SERIALS = """
US-AL | 1AXXXXX 11AXXXX          | 1A1111A 11A111A 1AA1111
US-AK | AAA111                   |
US-AZ | XXX1XX AAA1A1A           | AAA1111
US-AR | AAA11A                   | 111AAA
US-CA | 1AAA111 11111A1          | 1A11111
US-CO | AAAA11                   | 111AAA AAA111 AAA1111
US-CT | AA11111                  | 1AAAA1 111AAA
US-DC | AA1111                   |
US-DE | 111111 11111             |
US-FL | AA11AA AAAA11            | A111AA A11AAA 111AAA 1111AA
US-GA | AAA1111                  | AAA111
US-HI | AAA111                   |
US-IA | AAA111                   | 111AAA
US-ID | 1A1111A A111111 1AA1111  | A11111 1A11111
US-IL | AA11111                  | A111111 1111111
US-IN | 111[A][A]A               |
US-KS | 1111AAA                  | 111AAA
US-KY | A1A111                   | 111AAA
US-LA | 111AAA                   | AAA111
US-MA | 1AAA11                   | 111AA1 11AA11 1111AA
US-MD | 1AA1111                  | 1AAA11 AAA111
US-ME | 111AAA                   | 1111AA
US-MI | AAA1111                  | 1AAA11
US-MN | AAA111                   | 111AAA
US-MO | AA1A1A                   | 111AAA
US-MS | AAA1111                  | AAA111 111AAA
US-MT | 1[1]1111A 1[1]11111A     |
US-NC | AAA1111                  |
US-ND | 111AAA                   | AAA111
US-NE | AAA111 1A1111 11A111     | 1AA111
US-NH | 1111111                  | 111111
US-NJ | A11AAA                   | AAA11A
US-NM | AAAA11                   | 111AAA AAA111
US-NV | 111A11                   | 111AAA 11A111
US-NY | AAA1111                  |
US-OH | AAA1111                  | AA11AA
US-OK | AAA111                   | 111AAA
US-OR | 111AAA                   | AAA111
US-PA | AAA1111                  |
US-RI | 1AA111                   | 111111 AA111
US-SC | 1111AA                   | AAA111
US-SD | 1AA111 11A111            | 1A1111
US-TN | AAA1111                  | A1111A 111AAA
US-TX | AAA1111                  | AA1A111 111AAA
US-UT | 1A1AA                    | A111AA 111AAA
US-VA | AAA1111                  | 1111AA
US-VT | AAA111                   |
US-WA | AAA1111                  | 111AAA
US-WI | AAA1111                  | 111AAA
US-WV | XAA111                   | X[A]1111
US-WY | 1[1]1111 1[1]1111A       |
AT | A[A]1[1][1][1]A[A]          |
BE | 1AAA111                     | AAA111
BG | A[A]1111AA                  |
CH | AA1[1][1][1][1][1]          |
CZ | 1A11111 1AA1111             |
DE | A[A][A]A[A]1[1][1][1]       |
DK | AA11111                     |
EE | 111AAA                      |
ES | 1111AAA                     |
FI | AAA111                      |
FR | AA111AA                     |
GB | AA11AAA                     | A111AAA
GR | AAA1111                     |
HR | AA111[1]A[A]                |
HU | AAAA111                     | AAA111
IE | 111A[A]1[1][1][1][1]        | 11A[A]1[1][1][1][1]
IT | AA111AA                     |
LT | AAA111                      |
LV | AA1111                      |
NL | A111AA AAA11A               | 11AAA1 1AAA11 AA111A 11AAAA
NO | AA11111                     |
PL | AA11111 AA1111A AA111AA AAA1111 AAA11111 AAA11AA AAA1A11 AAA11A1 AAA1AA1 |
PT | AA11AA                      | 11AA11 1111AA
RO | A[A]11[1]AAA                |
SE | AAA11X                      |
SI | AA111AA AAAA111             |
SK | AA111AA                     |
BR | AAA1A11                     | AAA1111
"""
