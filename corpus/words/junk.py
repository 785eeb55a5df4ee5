"""What in a description says nothing about the part: patterns, by subject.

Data only. A pattern costs the whole sentence that it is found in, so each asks for more than one word of a subject:
`filament` alone is the purpose of a spool holder, `in any filament` is about printing.
"""

from __future__ import annotations

import re

__all__ = ["FIRST_PERSON", "HEADINGS", "INSTRUCTION", "JUNK", "MARKETING", "SETTING_LINE"]

_PRINTING = (
    r"^\W*(?:3d )?print(?:s|ed|ing)?\b(?! (?:bed|head|shop|block|stand|rack|server|cooling))",
    r"\bprint(?:ed|s)? (?:it|this|them|these|with|without|in|at|flat|upright|solid|lying|standing|on (?:its|the|their)|"
    r"side by side|as|the|quickly|slowly|best|well|both|each|two|all|one|nicely|easily|upside|fine|great|ok|okay|"
    r"perfectly|vertically|horizontally|time|settings|orientation)\b",
    r"\b(?:printing|to print|my print(?:er|s)?|your printer|printers? (?:brand|settings)|printable|unprinted)\b",
    r"\binfill\b|\blayer (?:height|lines?|thickness)|\bmm layers?\b|\blayers? (?:of|at) 0?\.\d|\bthe layers\b",
    r"\b(?:no|without|with|needs?|using|tree|any|requires?|add|enable|self)[ -]+(?:\w+ )?supports?(?: (?:material|"
    r"needed|"
    r"required|structures?|or|at)\b|\W*$|[,;.])",
    r"\bsupports?:? (?:is|are|not|no|off|none)\b|\bsupportless\b",
    r"\b\d+ ?(?:outer |solid )?(?:perimeters|shells|top layers|walls of perimeter)\b|\b\w+ perimeters\b|\bvase mode\b",
    r"(?-i:\b(?:PLA|PETG|PET-G|ABS|ASA|TPU)\b)|\b(?:in|from|use|using|with|or) (?:nylon|resin)\b|\bresin printer\b",
    r"\b(?:any|in|my|more|much|saves?|enough) filament\b|\bnozzle (?:size|diameter|width)\b|\b0?\.\d+ ?mm nozzle\b",
    r"\bbrims?\b(?! (?:of|hat))|\brafts?\b[^.]{0,12}\b(?:no|yes|needed|required)\b|\bslicers?\b|\bslic(?:es|ing)\b|"
    r"\belephant'?s foot\b|\bg-?code\b|\bcura\b|\bprusaslicer\b|\bbridg(?:es|ing) (?:well|nicely|fine)\b|"
    r"\b(?:on|off) (?:the|your|a) (?:print ?)?bed\b|\bfirst layer\b|\bpost[- ]process|\boverhangs?\b",
)
_TALK = (
    r"\bthank(?:s|ful)?\b|\bcredits? (?:to|goes|go)\b|\binspired by\b|\bkudos\b|\bshout-?out\b|\bcourtesy of\b|"
    r"\bprops to\b",
    r"\bclick\b|\bdownload\b|\bsee (?:also|below|above|here|my|the (?:video|pictures?|photos?|link|instructions?))|"
    r"\bcheck (?:it |this |them )?out\b|\b(?:link|instructions?|details|pictures?|photos?|video) (?:below|above|"
    r"here)\b|"
    r"\bvisit\b|\byou ?tube\b|\binstagram\b|\bfacebook\b|\betsy\b|\bblog\b|\bwebsite\b|\bweb ?page\b",
    r"\bpatreon\b|\bpaypal\b|\bko-?fi\b|\bdonat(?:e|ion)|\bbuy me\b|\btip (?:me|jar|designer|the designer)\b|"
    r"\bsupport me\b|"
    r"\blike (?:it|this|if|and)\b[^.]{0,30}\b(?:follow|share|subscribe|like|you)|\bfollow me\b|\bsubscribe\b|"
    r"\bpost (?:a|your) makes?\b|\bshare your\b|\blet me know\b|\bfeel free\b|\benjoy\b|\bhope (?:you|this|it)\b|"
    r"\bfeedback\b|\bcomments?\b[^.]{0,20}\b(?:below|section|welcome)|\bhave fun\b|\bhappy (?:printing|making)\b",
    r"\bremix|\bderivative\b|\b(?:modified|improved|updated|customi[sz]ed|my) version\b|\bre-?upload|"
    r"\bbased on (?:the|this|a "
    r"design|http|thing)|\boriginal(?:ly)? (?:thing|design|by|from|model|made|version|file)\b|\bfound (?:this|it|on)\b|"
    r"\bcopied from\b|\bsaved from\b|\btidied\b|\bformatted\b|\bmash-?up\b|\bported (?:from|to)\b|\b(?:taken|"
    r"adapted) from\b",
    r"\blicen[sc]e|\bcreative commons\b|\bcc[- ]by\b|\bcc0\b|\bcopyright|©|\(c\) ?\d|\bcommercial use\b|"
    r"\bpublic domain\b|"
    r"\bgpl\b|\ball rights\b|\bfree (?:to use|for personal)\b|\battribution\b|\bspdx\b",
    r"^\W*updated?\b|^\W*(?:\w+ ){0,3}(?:library|collection)\b|"
    r"^\W*(?:v|ver|version|rev|revision|release)\.? ?\d|^\W*(?:update|updated|edit|edited|changelog|change log|"
    r"history|new|"
    r"fixed|todo|to do|wip|note|notes|warning|disclaimer|ps|p\.s|btw|caution|important)\b ?[\d/.-]*[:.,]|"
    r"^\W*(?:\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4})\b|\b(?:was|were|been) (?:updated|fixed|added|uploaded)\b|"
    r"\b(?:coming soon|work in progress|untested|not (?:yet )?tested|stay tuned|first (?:upload|design|attempt|try)|"
    r"this (?:update|release|version|upload))\b|\bupdated? (?:on|to|the|with)\b|^\W*(?:added|removed|fixed|changed) ",
    r"\bcustomi[sz]er\b|\bthingiverse\b|\bprintables\b|\bopen ?scad\b|\bcode\b|\bscript\b|\bvariables?\b|"
    r"\bparametri[cz]ed\b|"
    r"\bparameters?\b|\.(?:scad|stl|dxf|3mf|png|jpe?g|pdf|step|zip|dat|svg)\b|\bstls?\b|\b(?:source|scad|this) file\b|"
    r"\bpreview\b|\bcommand line\b|\b(?:function|module)\(|\w\(\)|\bsyntax\b|https?:|www\.|\S@\S+\.\w",
    r"\b[a-z]+_[a-z_]+\b|[{}=;$]|/\*|\*/|//|\[[^\]]*,|\busage\b|\bdemos?\b|\bexamples?\b|\brecursi\w+|\bcomprehension|"
    r"^(?!.*\b(?:gear|teeth|tooth|rack|pulley)).*\bmodules?\b(?!\W*\d)|\b(?:a|the) vector\b",
    r"\bchildren (?:along|about|across|around|between|by|towards?)\b|"  # what a library's module does to its children
    r"^\W*(?:I|I'[a-z]+|We)\b|\b(?:sorry|please|lol|haha|imho|imo)\b|\?\W*$",
)
JUNK = re.compile("|".join(f"(?:{p})" for p in (*_PRINTING, *_TALK)), re.IGNORECASE)

FIRST_PERSON = re.compile(r"(?:\bI\b(?!-)|\bI'[a-z]+)|\b(?:[Mm]y|mine|me|[Ww]e|[Oo]urs?)\b")
"""A story, unless it measures: `the bracket I print when a shelf is 20 mm too long`."""

INSTRUCTION = re.compile(
    r"(?:then |first |just |simply |next |now |finally |also |always |do |don'?t |never |if\b|"
    r"when you\b|put your\b|measure your\b|glue felt\b|"
    r"you (?:can|could|may|must|need|will|should|might|have)\b|make sure|be (?:sure|careful)|note that|"
    r"(?:glue|sand|add|put|scale|change|tick|tape|file|grease|oil|lay|flip|use|set|adjust|edit|open|run|"
    r"customi[sz]e|choose|"
    r"select|remember|try|see|check|press|drop|insert|cut|drill|screw|push|pull|slide|snap|attach|mount|place|paint|"
    r"clean|"
    r"keep|leave|take|turn|tighten|assemble|apply|give|pick|start|remove|wash|heat|fill|wrap|mind|count|measure|enter|"
    r"increase|decrease|reduce|rotate|orient|bolt|bend|tap|trim|let|break|pause|finish|stand|feed|replace|space|"
    r"hang|screw)\s+(?:a|an|the|it|this|that|them|these|those|to|in|into|"
    r"on|out|off|some|your|both|all|with|for|two|three|four|more|any|around|each|up|down|over|bearings?|lightly|"
    r"\d\S*)\b)",
    re.IGNORECASE,
)
"""At the start of a sentence: what to do with the part once it is there."""

MARKETING = re.compile(
    r"\b(?:(?:very|super|really|truly) )?(?:awesome|amazing|ultimate|incredible|fantastic|gorgeous|stunning|epic|"
    r"super cool|"
    r"must[- ]have|world'?s best|very best|high quality|top quality|fully customi[sz]able|customi[sz]able|brilliant|"
    r"ingenious|"
    r"revolutionary|brand new)\b[ ,]*(?=[a-z])",
    re.IGNORECASE,
)
"""Praise before a word: it goes, the word stays."""

SETTING_LINE = re.compile(
    r"\W*(?:printer(?: brand)?|rafts?|supports?|resolution|infill|filament(?: \w+)*|layer(?: height)?|nozzle|speed|"
    r"material|"
    r"temperature|bed|colou?r|perimeters|walls|shells|weight|time|print time|author|date|version|licen[sc]e|url|"
    r"website|email|"
    r"file|usage|requires|dependencies|tags|category|status|units?)\s*[:=]\s*\S.*",
    re.IGNORECASE,
)
"""A whole line: `Infill: 15 %`."""

HEADINGS = re.compile(
    r"\W*(?:(?:print(?:ing)?|slicer|build|assembly|usage|post[- ]printing|how (?:i|to)|instructions?|settings?|"
    r"change ?log|"
    r"history|versions?|updates?|licen[sc]es?|credits?|acknowledge?ments?|thanks|links?|references?|contact|support|"
    r"custom section|files?|installation|install|parameters|customi[sz]\w*|todo|notes?|tips?|hardware|"
    r"bill of materials|bom|"
    r"parts list|tools|video|remix\w*|donat\w*|disclaimer|requirements|dependencies)\b[\w ,'&/-]{0,40}):?\W*",
    re.IGNORECASE,
)
"""A line of its own that opens a part of the text about something else."""
