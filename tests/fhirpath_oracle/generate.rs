//! Expressions over all functions and operators, made from a seed.

/// Reproducible whatever the version of a crate. Source: Vigna's SplitMix64.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }
}

/// Resources that the paths of [`VALUES`] lead into.
pub const RESOURCES: &[&str] = &[
    r#"{"resourceType":"Patient","id":"p","active":true,"birthDate":"2014-05-06","deceasedDateTime":"2024-05",
        "gender":"female","multipleBirthInteger":2,
        "name":[{"use":"official","family":"Jansen","given":["Anna","Bea"]},{"use":"nickname","given":["An"]}],
        "telecom":[{"system":"phone","value":"010","rank":1},{"system":"email","value":"a@b.nl","rank":2}],
        "contact":[{"name":{"family":"Bakker"},"gender":"male"}]}"#,
    r#"{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8310-5"}]},
        "effectiveDateTime":"2014-05-06T07:08:09+02:00","issued":"2014-05-06T05:08:09.100Z",
        "valueQuantity":{"value":4.0,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"},
        "referenceRange":[{"low":{"value":1,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"},
                           "high":{"value":0.005,"unit":"g","system":"http://unitsofmeasure.org","code":"g"}}],
        "component":[{"code":{"text":"a"},"valueString":"x"},{"code":{"text":"b"},"valueInteger":3}]}"#,
];

/// Expressions by the kind of what they yield: `s`tring, `i`nteger, `d`ecimal, `b`oolean, date (`D`), date-time (`M`), `T`ime,
/// `q`uantity, and collections (`c`). The paths stand in the resource with the number behind them.
const VALUES: &[(char, &[&str])] = &[
    ('s', &["''", "'abc'", "'Ab c'", "'été'", "'12'", "'1.50'", "'true'", "'2014-05-06'", "'10:30:00'", "'a,b'"]),
    ('i', &["0", "1", "2", "7", "(-3)", "100"]),
    ('d', &["0.0", "1.5", "2.50", "(-1.58)", "3.14159", "1000000.01"]),
    ('b', &["true", "false"]),
    ('D', &["@2014", "@2014-05", "@2014-05-06", "@2012-02-29"]),
    ('M', &["@2014T", "@2014-05-06T", "@2014-05-06T07:08", "@2014-05-06T07:08:09+02:00", "@2014-05-06T05:08:09.000Z"]),
    ('T', &["@T10", "@T10:30", "@T10:30:15", "@T23:59:59.999"]),
    ('q', &["4 'mg'", "0.004 'g'", "1 week", "7 days", "2.5 'cm'", "1 year", "12 months", "1 'wk'"]),
    ('c', &["{}", "(1 | 2 | 3)", "(1 | 2).combine(2)", "('a' | 'b' | 'c')", "(true | false)", "(1 | 'a')"]),
];

/// Paths into [`RESOURCES`], by kind.
const PATHS: &[&[(char, &str)]] = &[
    &[
        ('s', "name[0].family"),
        ('s', "gender"),
        ('i', "multipleBirth"),
        ('b', "active"),
        ('D', "birthDate"),
        ('M', "deceased"),
        ('c', "name.given"),
        ('c', "telecom.rank"),
        ('c', "contact.name.family"),
        ('c', "name.period"),
    ],
    &[
        ('s', "status"),
        ('M', "effective"),
        ('M', "issued"),
        ('q', "value"),
        ('q', "referenceRange.low"),
        ('q', "referenceRange.high"),
        ('c', "component.value"),
        ('c', "code.coding.code"),
    ],
];

/// A function with what it is mostly called on and with, and what it yields: kinds, `n` for integers and decimals, `*` for anything, `t` the
/// name of a type, `x` a regular expression, `u` a unit, `p` a projection, `r` one that ends.
const FUNCTIONS: &[(&str, &str, &[&str], char)] = &[
    ("empty", "*", &[""], 'b'),
    ("exists", "*", &["", "k"], 'b'),
    ("all", "*", &["k"], 'b'),
    ("allTrue", "b", &[""], 'b'),
    ("anyTrue", "b", &[""], 'b'),
    ("allFalse", "b", &[""], 'b'),
    ("anyFalse", "b", &[""], 'b'),
    ("subsetOf", "c", &["c"], 'b'),
    ("supersetOf", "c", &["c"], 'b'),
    ("count", "*", &[""], 'i'),
    ("distinct", "c", &[""], 'c'),
    ("isDistinct", "c", &[""], 'b'),
    ("where", "*", &["k"], 'c'),
    ("select", "*", &["p"], 'c'),
    ("repeat", "c", &["r"], 'c'),
    ("ofType", "*", &["t"], 'c'),
    ("single", "c", &[""], 'c'),
    ("first", "c", &[""], 'c'),
    ("last", "c", &[""], 'c'),
    ("tail", "c", &[""], 'c'),
    ("skip", "c", &["i"], 'c'),
    ("take", "c", &["i"], 'c'),
    ("intersect", "c", &["c"], 'c'),
    ("exclude", "c", &["c"], 'c'),
    ("union", "c", &["c"], 'c'),
    ("combine", "c", &["c"], 'c'),
    ("iif", "*", &["k*", "k**"], 'c'),
    ("toBoolean", "*", &[""], 'b'),
    ("convertsToBoolean", "*", &[""], 'b'),
    ("toInteger", "*", &[""], 'i'),
    ("convertsToInteger", "*", &[""], 'b'),
    ("toDate", "*", &[""], 'D'),
    ("convertsToDate", "*", &[""], 'b'),
    ("toDateTime", "*", &[""], 'M'),
    ("convertsToDateTime", "*", &[""], 'b'),
    ("toDecimal", "*", &[""], 'd'),
    ("convertsToDecimal", "*", &[""], 'b'),
    ("toQuantity", "*", &["", "u"], 'q'),
    ("convertsToQuantity", "*", &["", "u"], 'b'),
    ("toString", "*", &[""], 's'),
    ("convertsToString", "*", &[""], 'b'),
    ("toTime", "*", &[""], 'T'),
    ("convertsToTime", "*", &[""], 'b'),
    ("indexOf", "s", &["s"], 'i'),
    ("substring", "s", &["i", "ii"], 's'),
    ("startsWith", "s", &["s"], 'b'),
    ("endsWith", "s", &["s"], 'b'),
    ("contains", "s", &["s"], 'b'),
    ("upper", "s", &[""], 's'),
    ("lower", "s", &[""], 's'),
    ("replace", "s", &["ss"], 's'),
    ("matches", "s", &["x"], 'b'),
    ("matchesFull", "s", &["x"], 'b'),
    ("replaceMatches", "s", &["xs"], 's'),
    ("length", "s", &[""], 'i'),
    ("toChars", "s", &[""], 'c'),
    ("trim", "s", &[""], 's'),
    ("split", "s", &["s"], 'c'),
    ("join", "c", &["", "s"], 's'),
    ("lastIndexOf", "s", &["s"], 'i'),
    ("abs", "n", &[""], 'd'),
    ("ceiling", "n", &[""], 'i'),
    ("exp", "i", &[""], 'd'),
    ("floor", "n", &[""], 'i'),
    ("ln", "n", &[""], 'd'),
    ("log", "n", &["n"], 'd'),
    ("power", "n", &["n"], 'd'),
    ("round", "n", &["", "i"], 'd'),
    ("sqrt", "n", &[""], 'd'),
    ("truncate", "n", &[""], 'i'),
    ("lowBoundary", "o", &["", "i"], 'c'),
    ("highBoundary", "o", &["", "i"], 'c'),
    ("precision", "o", &[""], 'i'),
    ("children", "*", &[""], 'c'),
    ("descendants", "*", &[""], 'c'),
    ("trace", "*", &["s", "sp"], 'c'),
    ("aggregate", "c", &["a", "ai"], 'c'),
    ("is", "*", &["t"], 'b'),
    ("as", "*", &["t"], 'c'),
    ("not", "b", &[""], 'b'),
    ("hasValue", "*", &[""], 'b'),
    ("getValue", "*", &[""], 'c'),
    ("extension", "*", &["s"], 'c'),
    ("comparable", "q", &["q"], 'b'),
];

const OPERATORS: &[&str] = &[
    "=", "!=", "~", "!~", "<", "<=", ">", ">=", "+", "-", "*", "/", "div", "mod", "&", "|", "and", "or", "xor",
    "implies", "in", "contains",
];

/// The names of all functions that expressions are made of.
pub fn functions() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, ..)| *name)
}

impl Dice {
    fn value(&mut self, kind: char, resource: usize) -> String {
        match kind {
            'n' => {
                let kind = if self.below(2) == 0 { 'i' } else { 'd' };
                self.value(kind, resource)
            }
            'o' => {
                let kind = ['d', 'i', 'D', 'M', 'T', 'q'][self.below(6)];
                self.value(kind, resource)
            }
            '*' => {
                let kind = VALUES[self.below(VALUES.len())].0;
                self.value(kind, resource)
            }
            't' => self
                .of(&["String", "Integer", "Decimal", "Boolean", "Date", "Quantity", "string", "code", "date"])
                .into(),
            'x' => self.of(&["'b'", "'^[a-z]+$'", "'.'", "'[0-9]+'", "'A.*'", "''"]).into(),
            'u' => self.of(&["'g'", "'mg'", "'d'", "'1'"]).into(),
            'k' => self.of(&["true", "false", "$this = 1", "$this.empty()", "$index < 1", "{}"]).into(),
            'r' => self.of(&["given", "{}", "value", "$this", "children()"]).into(),
            'p' => self.of(&["$this", "given", "$index", "$this.toString()", "{}", "value"]).into(),
            'a' => self.of(&["$total + $this", "iif($total.empty(), $this, $total)", "$index"]).into(),
            kind => {
                let paths: Vec<&str> =
                    PATHS[resource].iter().filter(|(of, _)| *of == kind).map(|(_, path)| *path).collect();
                let values = VALUES.iter().find(|(of, _)| *of == kind).expect("a kind").1;
                let at = self.below(values.len() + paths.len());
                values.get(at).or_else(|| paths.get(at - values.len())).expect("one of both").to_string()
            }
        }
    }

    /// A call that yields the kind, or any.
    fn call(&mut self, resource: usize, kind: Option<char>, deep: bool) -> String {
        let fitting: Vec<_> = FUNCTIONS.iter().filter(|(.., of)| kind.is_none_or(|kind| kind == *of)).collect();
        let (name, input, arguments, _) = fitting[self.below(fitting.len())];
        let mut input = input.chars().next().expect("a kind");
        // Some are called on something else than they are for.
        if self.below(24) == 0 {
            input = '*';
        }
        let yielded = if input == 'n' { 'd' } else { input };
        let nested = deep && !matches!(input, '*' | 'o') && self.below(4) == 0;
        let base = if nested { self.call(resource, Some(yielded), false) } else { self.value(input, resource) };
        let kinds = arguments[self.below(arguments.len())];
        let arguments: Vec<String> = kinds.chars().map(|kind| self.value(kind, resource)).collect();
        format!("{base}.{name}({})", arguments.join(", "))
    }

    /// A call, or an operator between two values.
    pub fn expression(&mut self, resource: usize) -> String {
        if self.below(3) > 0 {
            return self.call(resource, None, true);
        }
        let operator = self.of(OPERATORS);
        let kind = VALUES[self.below(VALUES.len())].0;
        let other = if self.below(8) == 0 { '*' } else { kind };
        format!("{} {operator} {}", self.value(kind, resource), self.value(other, resource))
    }
}
