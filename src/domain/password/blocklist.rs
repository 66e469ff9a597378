//! Passwords tried first: common words alone or a few of them together, repetitions, sequences, keyboard rows.

/// Words and fragments of the commonest passwords, folded as [`folded`] does.
const COMMON: &[&str] = &[
    "password",
    "passw0rd",
    "passwd",
    "pass",
    "pwd",
    "admin",
    "administrator",
    "root",
    "user",
    "guest",
    "test",
    "demo",
    "default",
    "login",
    "welcome",
    "letmein",
    "changeme",
    "change",
    "secret",
    "master",
    "system",
    "server",
    "manager",
    "super",
    "superuser",
    "oracle",
    "mysql",
    "postgres",
    "public",
    "private",
    "service",
    "support",
    "temp",
    "qwerty",
    "qwertyuiop",
    "qwert",
    "qwe",
    "asdfghjkl",
    "asdfgh",
    "asdf",
    "asd",
    "zxcvbnm",
    "zxcvb",
    "zxc",
    "qazwsx",
    "qaz",
    "wsx",
    "edc",
    "qwaszx",
    "iloveyou",
    "love",
    "woaini",
    "aini",
    "nihao",
    "woshi",
    "mima",
    "zhongguo",
    "china",
    "beijing",
    "dragon",
    "monkey",
    "football",
    "baseball",
    "sunshine",
    "princess",
    "shadow",
    "superman",
    "batman",
    "michael",
    "jordan",
    "hello",
    "world",
    "freedom",
    "whatever",
    "trustno",
    "starwars",
    "computer",
    "internet",
    "google",
    "baidu",
    "tencent",
    "alibaba",
    "taobao",
    "weixin",
    "wechat",
    "huawei",
    "xiaomi",
    "summer",
    "winter",
    "spring",
    "autumn",
    "monday",
    "friday",
    "january",
    "december",
    "abc",
    "abcd",
    "abcdef",
    "abcdefg",
    "aaa",
    "xxx",
    "zzz",
    "government",
    "gov",
    "office",
    "county",
    "inspection",
    "inspector",
    "onedoor",
    "shuangsuiji",
    "jiancha",
    "shichang",
    "jianguan",
    "gongan",
    "zhengfu",
    "xiaofang",
    "guanli",
    "guanliyuan",
    "yonghu",
    "ceshi",
    "wangluo",
    "anquan",
    "双随机",
    "一公开",
    "检查",
    "市场监管",
    "管理员",
    "密码",
    "口令",
    "用户",
    "测试",
    "系统",
    "中国",
];

/// Keyboard rows and orders people run their fingers along.
const ROWS: &[&str] = &[
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
];

/// What a password is compared by: lower case, without spaces and marks, letters put for the digits and signs that
/// usually stand for them inside words.
pub(super) fn folded(text: &str) -> String {
    let lower: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let letter = |i: Option<usize>| i.and_then(|i| lower.get(i)).is_some_and(|c| c.is_alphabetic());
    let mut out = String::with_capacity(text.len());
    for (i, c) in lower.iter().enumerate() {
        // A digit between letters is a letter in disguise; one at an end is a digit.
        let inside = letter(i.checked_sub(1)) && letter(i.checked_add(1));
        match (c, inside) {
            ('@', _) => out.push('a'),
            ('$', _) => out.push('s'),
            ('0', true) => out.push('o'),
            ('1' | '!', true) => out.push('i'),
            ('3', true) => out.push('e'),
            ('5', true) => out.push('s'),
            ('7', true) => out.push('t'),
            (c, _) if c.is_alphanumeric() => out.push(*c),
            _ => {}
        }
    }
    out
}

/// One piece of up to four characters again and again, or a run along the alphabet, the digits or a keyboard, there and
/// back, for the whole length.
pub(super) fn is_repetitive(folded: &str) -> bool {
    let chars: Vec<char> = folded.chars().collect();
    if chars.len() < 4 {
        // Too little to keep a secret, whatever it is.
        return true;
    }
    let repeats = |unit: usize| (unit..chars.len()).all(|i| chars[i] == chars[i - unit]);
    if (1..=4).any(|unit| unit * 2 <= chars.len() && repeats(unit)) {
        return true;
    }
    let next = |a: char, b: char| {
        ROWS.iter().any(|row| {
            let place = |c: char| row.chars().position(|r| r == c);
            matches!((place(a), place(b)), (Some(a), Some(b)) if a.abs_diff(b) <= 1)
        })
    };
    let breaks = chars.windows(2).filter(|pair| !next(pair[0], pair[1])).count();
    // Up to two jumps: rows joined (qwertyasdfgh), or a run and its repetition (12345671234567).
    breaks <= 2 && chars.len() >= 4 * (breaks + 1)
}

/// Whether it is made of at most three pieces, each a common word, a run of digits, a row or one character repeated.
pub(super) fn is_common(folded: &str) -> bool {
    let chars: Vec<char> = folded.chars().collect();
    let words: Vec<Vec<char>> = COMMON.iter().chain(ROWS).map(|w| w.chars().collect()).collect();
    let n = chars.len();
    // Fewest pieces for each beginning.
    let mut fewest = vec![usize::MAX; n + 1];
    fewest[0] = 0;
    for at in 0..n {
        if fewest[at] == usize::MAX {
            continue;
        }
        let pieces = fewest[at] + 1;
        let mut reach = |length: usize| {
            let end = at + length;
            fewest[end] = fewest[end].min(pieces);
        };
        for word in words.iter().filter(|w| chars[at..].starts_with(w)) {
            reach(word.len());
        }
        let digits = chars[at..].iter().take_while(|c| c.is_ascii_digit()).count();
        (1..=digits).for_each(&mut reach);
        let same = chars[at..].iter().take_while(|c| **c == chars[at]).count();
        (1..=same).for_each(&mut reach);
    }
    n > 0 && fewest[n] <= 3
}
