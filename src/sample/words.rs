//! Names for invented people, businesses and places.

use super::lots::Lots;

const SURNAMES: &str = "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";
const MEN: &str = "伟强磊军勇杰涛超明刚平辉鹏飞斌建国志华波浩宇轩俊峰健鑫龙林海东旭凯博文昊天瑞泽";
const WOMEN: &str = "芳娜敏静丽艳娟霞燕玲桂英梅兰雪莹颖洁倩婷慧琳佳欣怡蕾萍琴红月云秀珍岚薇璐瑶";
const BRANDS: &str = "安百昌诚创春达德东丰福富广贵海恒弘鸿华汇惠吉佳嘉建金锦晋景聚凯康利联隆茂美民明庆荣瑞润赛尚盛顺泰天通同旺伟祥新信兴旭阳益永优裕源远悦泽正中众洲";
const ROADS: &[&str] = &[
    "人民路",
    "建设路",
    "解放路",
    "文昌路",
    "青年路",
    "迎宾大道",
    "工业大道",
    "滨河路",
    "朝阳路",
    "学府路",
    "兴业路",
    "园区一路",
    "老街",
    "站前路",
];

/// A name and the sex it suggests; `women` permille of them are women's.
pub(super) fn person_name(lots: &mut Lots, women: u32) -> (String, &'static str) {
    let woman = lots.chance(women);
    let given = if woman { WOMEN } else { MEN };
    let mut name = String::from(lots.letter(SURNAMES));
    name.push(lots.letter(given));
    if lots.chance(720) {
        name.push(lots.letter(given));
    }
    (name, if woman { "女" } else { "男" })
}

/// A trade name of two characters.
pub(super) fn brand(lots: &mut Lots) -> String {
    let first = lots.letter(BRANDS);
    let second = lots.letter(BRANDS);
    if first == second { format!("{first}源") } else { format!("{first}{second}") }
}

/// Street and number.
pub(super) fn street(lots: &mut Lots) -> String {
    let road = *lots.pick(ROADS);
    format!("{road}{}号", lots.between(1, 388))
}

/// Towns of a county, the largest first.
pub(super) const TOWNS: &[&str] = &[
    "城关镇",
    "青澜街道",
    "北岭镇",
    "桥头镇",
    "白沙镇",
    "枫林镇",
    "双溪镇",
    "大塘镇",
    "石门镇",
    "黄田镇",
    "樟树坪镇",
    "沙洲镇",
    "莲塘乡",
    "竹山乡",
    "云峰乡",
    "南坑乡",
];

/// Counties of the invented city.
pub(super) const COUNTIES: &[&str] =
    &["青澜县", "樟源县", "沅丰县", "雁湖区", "石鼓县", "枫桥县", "澄江区", "岭南坪县", "溪口县", "泽田县"];
