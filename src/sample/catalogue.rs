//! What an invented county inspects: its departments, their items, and the trades the items apply to.
//!
//! Names and figures are invented in the manner of published item lists; nothing is taken from a real list.

use crate::domain::planning::input::{CheckMode, Notice, Season};

/// A property of a trade that decides which items apply to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trait {
    /// Serves or sells food.
    Food,
    /// Makes food.
    FoodPlant,
    /// Serves meals.
    Dining,
    /// Sells to the public.
    Shop,
    /// Sells tobacco and spirits.
    Tobacco,
    /// Sells or gives out medicines.
    Medicine,
    /// Lodging.
    Lodging,
    /// Entertainment.
    Leisure,
    /// Internet cafe.
    NetCafe,
    /// School or kindergarten.
    School,
    /// Private training.
    Training,
    /// Treats patients.
    Clinic,
    /// Home for the aged.
    Care,
    /// Hair, beauty, baths.
    Beauty,
    /// Factory.
    Plant,
    /// Dust or confined spaces.
    Dust,
    /// Discharges under a permit.
    Discharge,
    /// Keeps dangerous chemicals.
    Hazard,
    /// Fireworks.
    Fireworks,
    /// Boilers, pressure vessels, lifts.
    Equipment,
    /// Sells or distributes gas.
    GasSupply,
    /// Burns gas in a kitchen.
    GasKitchen,
    /// Petrol station.
    Fuel,
    /// Building site.
    Site,
    /// Road transport.
    Road,
    /// Road transport of dangerous goods.
    RoadHazard,
    /// Vehicle repair.
    Repair,
    /// Keeps animals.
    Farm,
    /// Sells seed, pesticide, veterinary medicine.
    FarmShop,
    /// Draws water under a permit.
    Water,
    /// Labour agency.
    Agency,
    /// Property management.
    Estate,
    /// Quarry or mine.
    Mine,
    /// Stores or mills grain.
    Grain,
    /// Many people in one room.
    Crowd,
}

/// What kind of body usually runs a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// 企业.
    Company,
    /// 个体工商户 two times out of three.
    Small,
    /// 事业单位 or 民办非企业单位.
    Public,
    /// 农民专业合作社 half of the time.
    Cooperative,
}

/// A trade.
pub(super) struct Trade {
    /// GB/T 4754-2017 class.
    pub(super) code: &'static str,
    /// Name of the class.
    pub(super) name: &'static str,
    /// Relative number of subjects.
    pub(super) weight: u32,
    /// What its businesses call themselves.
    pub(super) sign: &'static str,
    /// Who runs it.
    pub(super) body: Body,
    /// What it has.
    pub(super) traits: &'static [Trait],
}

use Body::{Company, Cooperative, Public, Small};
use Trait::{
    Agency, Beauty, Care, Clinic, Crowd, Dining, Discharge, Dust, Equipment, Estate, Farm, FarmShop,
    Fireworks, Food, FoodPlant, Fuel, GasKitchen, GasSupply, Grain, Hazard, Leisure, Lodging, Medicine, Mine,
    NetCafe, Plant, Repair, Road, RoadHazard, School, Shop, Site, Tobacco, Training, Water,
};

const fn trade(
    code: &'static str,
    name: &'static str,
    weight: u32,
    sign: &'static str,
    body: Body,
    traits: &'static [Trait],
) -> Trade {
    Trade { code, name, weight, sign, body, traits }
}

/// The trades of the county.
pub(super) const TRADES: &[Trade] = &[
    trade("H6210", "正餐服务", 62, "饭庄", Small, &[Food, Dining, GasKitchen, Crowd]),
    trade("H6220", "快餐服务", 40, "小吃店", Small, &[Food, Dining, GasKitchen]),
    trade("H6231", "茶馆服务", 10, "茶社", Small, &[Food, Dining]),
    trade("F5212", "超级市场零售", 24, "生鲜超市", Company, &[Food, Shop, Tobacco, Crowd]),
    trade("F5213", "便利店零售", 34, "便利店", Small, &[Food, Shop, Tobacco]),
    trade("F5227", "烟草制品零售", 18, "烟酒行", Small, &[Shop, Tobacco]),
    trade("F5211", "百货零售", 10, "商场", Company, &[Shop, Crowd, Equipment]),
    trade("F5251", "西药零售", 24, "药房", Company, &[Shop, Medicine]),
    trade("F5265", "机动车燃油零售", 12, "加油站", Company, &[Fuel, Hazard]),
    trade("F5167", "农药批发", 8, "农资经营部", Small, &[FarmShop]),
    trade("F5169", "其他化工产品批发", 6, "烟花爆竹专营店", Company, &[Fireworks]),
    trade("H6110", "旅游饭店", 12, "大酒店", Company, &[Lodging, Food, Dining, GasKitchen, Crowd, Equipment]),
    trade("H6121", "经济型连锁酒店", 18, "快捷酒店", Company, &[Lodging, Crowd]),
    trade("H6130", "民宿服务", 16, "民宿", Small, &[Lodging]),
    trade("O8040", "理发及美容服务", 30, "美发馆", Small, &[Beauty]),
    trade("O8051", "洗浴服务", 8, "汤泉浴馆", Company, &[Beauty, Crowd, Equipment]),
    trade("R9011", "歌舞厅娱乐活动", 12, "音乐会所", Company, &[Leisure, Crowd]),
    trade("R9013", "网吧活动", 10, "网咖", Company, &[NetCafe, Crowd]),
    trade("R8760", "电影放映", 4, "影城", Company, &[Leisure, Crowd, Equipment]),
    trade("P8310", "学前教育", 22, "幼儿园", Public, &[School, Food]),
    trade("P8321", "普通小学教育", 12, "小学", Public, &[School, Food]),
    trade("P8331", "普通初中教育", 8, "中学", Public, &[School, Food, Equipment]),
    trade("P8391", "职业技能培训", 14, "培训中心", Company, &[Training]),
    trade("Q8411", "综合医院", 4, "医院", Public, &[Clinic, Medicine, Equipment, Crowd, Discharge]),
    trade("Q8423", "乡镇卫生院", 8, "卫生院", Public, &[Clinic, Medicine]),
    trade("Q8425", "门诊部(所)", 18, "门诊部", Company, &[Clinic, Medicine]),
    trade("Q8514", "老年人、残疾人养护服务", 12, "养老院", Public, &[Care, Food]),
    trade("C1311", "稻谷加工", 8, "米业", Company, &[FoodPlant, Food, Plant, Dust, Grain]),
    trade("C1353", "肉制品及副产品加工", 7, "食品", Company, &[FoodPlant, Food, Plant, Discharge, Water]),
    trade("C1411", "糕点、面包制造", 10, "糕点", Company, &[FoodPlant, Food, Plant]),
    trade("C1512", "白酒制造", 5, "酒业", Company, &[FoodPlant, Food, Plant, Water, Equipment]),
    trade("C2021", "胶合板制造", 12, "木业", Company, &[Plant, Dust, Discharge, Equipment]),
    trade("C2110", "木质家具制造", 14, "家具", Company, &[Plant, Dust]),
    trade("C2319", "包装装潢及其他印刷", 8, "印务", Company, &[Plant, Discharge]),
    trade("C2614", "有机化学原料制造", 6, "化工", Company, &[Plant, Discharge, Hazard, Equipment, Water]),
    trade("C3031", "粘土砖瓦及建筑砌块制造", 8, "新型建材", Company, &[Plant, Dust, Discharge]),
    trade("C3311", "金属结构制造", 16, "钢构", Company, &[Plant, Equipment]),
    trade("C3360", "金属表面处理及热处理加工", 9, "表面处理", Company, &[Plant, Discharge, Hazard]),
    trade("B1011", "石灰石、石膏开采", 5, "矿业", Company, &[Mine, Dust, Water]),
    trade("D4511", "天然气生产和供应业", 4, "燃气", Company, &[GasSupply, Hazard, Equipment]),
    trade("D4610", "自来水生产和供应", 3, "供水", Company, &[Water, Discharge]),
    trade("E4710", "住宅房屋建筑", 16, "建工", Company, &[Site]),
    trade("E4813", "市政道路工程建筑", 8, "路桥", Company, &[Site]),
    trade("G5431", "普通货物道路运输", 18, "物流", Company, &[Road]),
    trade("G5435", "危险货物道路运输", 4, "危货运输", Company, &[Road, RoadHazard]),
    trade("O8111", "汽车修理与维护", 18, "汽修厂", Small, &[Repair]),
    trade("K7020", "物业管理", 14, "物业", Company, &[Estate, Equipment]),
    trade("L7263", "劳务派遣服务", 8, "劳务", Company, &[Agency]),
    trade("A0313", "猪的饲养", 14, "生态养殖场", Cooperative, &[Farm, Water]),
    trade("A0321", "鸡的饲养", 8, "禽业", Cooperative, &[Farm]),
];

/// A kind of department.
pub(super) struct Office {
    /// 部门类别.
    pub(super) key: &'static str,
    /// Name after the county's.
    pub(super) name: &'static str,
    /// Relative head-count.
    pub(super) heads: u32,
    /// Where its people sit besides the sections: 0 = only sections, 1 = stations too, 2 = a brigade too.
    pub(super) field: u8,
    /// Serves the whole city where the county is one of several.
    pub(super) of_city: bool,
    /// How much it inspects, relative to the others (permille).
    pub(super) zeal: u32,
    /// Certificates: code, name, share of the officers who hold it (permille).
    pub(super) quals: &'static [(&'static str, &'static str, u32)],
}

const fn office(
    key: &'static str,
    name: &'static str,
    heads: u32,
    field: u8,
    of_city: bool,
    zeal: u32,
    quals: &'static [(&'static str, &'static str, u32)],
) -> Office {
    Office { key, name, heads, field, of_city, zeal, quals }
}

/// The departments, in the order in which they lead (牵头顺位).
pub(super) const OFFICES: &[Office] = &[
    office(
        "SCJG",
        "市场监督管理局",
        42,
        1,
        false,
        1000,
        &[
            ("Q-SPJC", "食品检查员", 480),
            ("Q-TZSB", "特种设备安全监察员", 220),
            ("Q-YPJC", "药品检查员", 220),
        ],
    ),
    office(
        "YJGL",
        "应急管理局",
        22,
        2,
        false,
        900,
        &[("Q-WHPJ", "危险化学品安全检查", 380), ("Q-GMAQ", "工贸与矿山安全检查", 560)],
    ),
    office("XFJY", "消防救援大队", 18, 0, false, 750, &[("Q-XFJD", "消防监督检查", 720)]),
    office(
        "STHJ",
        "生态环境局",
        20,
        2,
        false,
        950,
        &[("Q-HJZF", "生态环境执法", 660), ("Q-GFGL", "固体废物管理", 300)],
    ),
    office(
        "WSJK",
        "卫生健康局",
        18,
        0,
        false,
        850,
        &[("Q-GGWS", "公共场所卫生监督", 520), ("Q-YLJD", "医疗卫生监督", 420)],
    ),
    office(
        "GAJG",
        "公安局",
        24,
        1,
        false,
        800,
        &[("Q-ZAGL", "治安管理", 620), ("Q-WXPG", "危险物品管控", 240)],
    ),
    office("WGLY", "文化广电旅游局", 12, 2, false, 1000, &[("Q-WHZF", "文化市场综合执法", 680)]),
    office("JYTY", "教育体育局", 14, 0, false, 900, &[("Q-XWPX", "校外培训监管", 400)]),
    office(
        "ZFJS",
        "住房和城乡建设局",
        18,
        0,
        false,
        900,
        &[("Q-JSJD", "建设工程监督", 480), ("Q-RQGL", "燃气管理", 320)],
    ),
    office("JTYS", "交通运输局", 16, 2, false, 1000, &[("Q-DLYS", "道路运输执法", 640)]),
    office("NYNC", "农业农村局", 16, 1, false, 1000, &[("Q-DWFY", "动物防疫监督", 420)]),
    office("RSSB", "人力资源和社会保障局", 14, 0, false, 500, &[("Q-LDJC", "劳动保障监察", 700)]),
    office("ZRZY", "自然资源局", 12, 0, false, 850, &[("Q-KCZY", "矿产与土地执法", 560)]),
    office("CGZF", "城市管理局", 20, 1, false, 550, &[("Q-CGZF", "城市管理执法", 760)]),
    office("MZJ", "民政局", 8, 0, false, 900, &[("Q-YLFW", "养老服务监管", 520)]),
    office("SLJ", "水利局", 8, 0, true, 800, &[("Q-SZZF", "水政执法", 620)]),
    office("SWJ", "商务局", 8, 0, true, 700, &[("Q-CPYJ", "成品油流通监管", 520)]),
    office("YCZM", "烟草专卖局", 10, 0, true, 900, &[("Q-YCZM", "烟草专卖检查", 880)]),
    office("QXJ", "气象局", 6, 0, true, 800, &[("Q-FLJC", "防雷监管", 600)]),
    office("FGW", "发展和改革局", 6, 0, true, 800, &[("Q-LSLT", "粮食流通执法", 560)]),
];

/// Certificates of experts.
pub(super) const EXPERTS: &[(&str, &str)] =
    &[("E-HGAQ", "化工安全专家"), ("E-TZSB", "特种设备专家"), ("E-GCJG", "工程结构与采矿专家")];

/// Equivalence groups: what several departments ask in other words and is checked once.
pub(super) const GROUPS: &[(&str, &str)] = &[
    ("G-ZZLZ", "证照亮证"),
    ("G-JKZM", "从业人员健康证明"),
    ("G-SSTD", "疏散通道与安全出口"),
    ("G-YDAQ", "用电安全"),
    ("G-ZTZR", "安全生产主体责任"),
    ("G-WXPG", "危险物品储存与流向"),
    ("G-FWTZ", "废物收集与处置台账"),
    ("G-WSPF", "污水排放"),
    ("G-SMDJ", "实名登记"),
    ("G-YGGZ", "用工与工资支付"),
    ("G-WCNR", "未成年人保护"),
    ("G-FLAQ", "防雷安全"),
];

/// An item before it gets its code.
pub(super) struct Matter {
    /// Owner.
    pub(super) office: &'static str,
    /// 事项名称.
    pub(super) name: &'static str,
    /// 预计时长.
    pub(super) minutes: u32,
    /// 检查方式.
    pub(super) mode: CheckMode,
    /// 告知方式.
    pub(super) notice: Notice,
    /// 等价组 or empty.
    pub(super) group: &'static str,
    /// 所需资格 or empty.
    pub(super) qual: &'static str,
    /// Trades with one of these.
    pub(super) applies: &'static [Trait],
    /// 年度频次上限.
    pub(super) freq: u32,
    /// 季节限制.
    pub(super) season: Option<Season>,
    /// 所需专家 or empty.
    pub(super) expert: &'static str,
}

/// How an item is done, in one word: on site unannounced, announced or either; in writing; online.
#[derive(Clone, Copy)]
enum Way {
    Raid,
    Told,
    Open,
    Paper,
    Net,
}

use Way::{Net, Open, Paper, Raid, Told};

#[expect(clippy::too_many_arguments, reason = "one argument per column of the table below")]
const fn matter(
    office: &'static str,
    name: &'static str,
    minutes: u32,
    way: Way,
    group: &'static str,
    qual: &'static str,
    freq: u32,
    applies: &'static [Trait],
) -> Matter {
    let (mode, notice) = match way {
        Raid => (CheckMode::OnSite, Notice::Unannounced),
        Told => (CheckMode::OnSite, Notice::Announced),
        Open => (CheckMode::OnSite, Notice::Either),
        Paper => (CheckMode::Written, Notice::Either),
        Net => (CheckMode::Online, Notice::Either),
    };
    Matter { office, name, minutes, mode, notice, group, qual, applies, freq, season: None, expert: "" }
}

impl Matter {
    const fn season(self, from: (u8, u8), to: (u8, u8)) -> Self {
        Self { season: Some(Season { from, to }), ..self }
    }

    const fn expert(self, expert: &'static str) -> Self {
        Self { expert, ..self }
    }
}

/// The items (抽查事项) of all departments, 64.
pub(super) const MATTERS: &[Matter] = &[
    matter(
        "SCJG",
        "证照公示与登记事项核对",
        15,
        Open,
        "G-ZZLZ",
        "",
        1,
        &[Food, Shop, Lodging, Beauty, Medicine],
    ),
    matter("SCJG", "食品经营过程检查", 50, Raid, "", "Q-SPJC", 2, &[Food]),
    matter("SCJG", "食品生产体系检查", 80, Raid, "", "Q-SPJC", 1, &[FoodPlant]),
    matter("SCJG", "食品从业人员健康证明查验", 10, Open, "G-JKZM", "", 1, &[Food, Dining]),
    matter("SCJG", "特种设备使用管理检查", 45, Open, "", "Q-TZSB", 1, &[Equipment, GasSupply])
        .expert("E-TZSB"),
    matter("SCJG", "药品医疗器械质量检查", 55, Raid, "", "Q-YPJC", 1, &[Medicine]),
    matter("SCJG", "明码标价与收费行为检查", 20, Raid, "", "", 2, &[Shop, Dining, Estate, Training]),
    matter("SCJG", "酒类商品禁售标识检查", 10, Raid, "G-WCNR", "", 2, &[Tobacco]),
    matter("SCJG", "年度报告公示信息核查", 20, Paper, "", "", 1, &[Plant, Site, Estate, Agency]),
    matter("SCJG", "网络经营行为监测", 25, Net, "", "", 0, &[Dining, Shop]),
    matter("YJGL", "工贸企业主体责任落实检查", 40, Open, "G-ZTZR", "", 1, &[Plant, Hazard]),
    matter("YJGL", "危险化学品储存使用检查", 65, Raid, "G-WXPG", "Q-WHPJ", 2, &[Hazard]).expert("E-HGAQ"),
    matter("YJGL", "粉尘涉爆与有限空间检查", 50, Open, "", "Q-GMAQ", 1, &[Dust]),
    matter("YJGL", "烟花爆竹经营储存检查", 40, Raid, "", "Q-WHPJ", 2, &[Fireworks]).season((10, 15), (2, 20)),
    matter("YJGL", "生产场所用电安全检查", 25, Open, "G-YDAQ", "", 1, &[Plant]),
    matter("YJGL", "非煤矿山现场检查", 90, Raid, "", "Q-GMAQ", 1, &[Mine]).expert("E-GCJG"),
    matter("YJGL", "防雷安全责任检查", 20, Open, "G-FLAQ", "", 1, &[Fuel, Hazard]),
    matter("XFJY", "疏散通道与安全出口检查", 25, Open, "G-SSTD", "", 1, &[Crowd, Lodging, Leisure, School]),
    matter("XFJY", "消防设施运行状况检查", 45, Raid, "", "Q-XFJD", 1, &[Crowd, Lodging, Clinic, Care]),
    matter("XFJY", "电气线路防火检查", 25, Open, "G-YDAQ", "", 1, &[Crowd, Dining, Shop]),
    matter("XFJY", "消防控制室值守检查", 20, Open, "", "Q-XFJD", 1, &[Equipment]),
    matter("STHJ", "排污许可执行情况检查", 60, Raid, "", "Q-HJZF", 2, &[Discharge]),
    matter("STHJ", "危险废物规范化管理评估", 50, Open, "G-FWTZ", "Q-GFGL", 1, &[Hazard, Discharge, Repair]),
    matter("STHJ", "工业废水排放检查", 35, Raid, "G-WSPF", "", 2, &[Discharge]),
    matter("STHJ", "自动监测数据核查", 30, Net, "", "", 0, &[Discharge]),
    matter("WSJK", "公共场所卫生检查", 35, Raid, "", "Q-GGWS", 1, &[Lodging, Beauty, Leisure, NetCafe]),
    matter("WSJK", "服务人员健康合格证查验", 10, Open, "G-JKZM", "", 1, &[Lodging, Beauty]),
    matter("WSJK", "医疗机构依法执业检查", 60, Raid, "", "Q-YLJD", 1, &[Clinic]),
    matter("WSJK", "医疗废物收集暂存检查", 35, Open, "G-FWTZ", "Q-YLJD", 1, &[Clinic]),
    matter("WSJK", "学校饮用水与传染病防控检查", 40, Told, "", "Q-GGWS", 1, &[School])
        .season((9, 1), (11, 30)),
    matter("GAJG", "旅馆业实名登记检查", 30, Raid, "G-SMDJ", "Q-ZAGL", 2, &[Lodging]),
    matter("GAJG", "娱乐场所治安检查", 35, Raid, "", "Q-ZAGL", 2, &[Leisure, NetCafe]),
    matter("GAJG", "易制爆易制毒化学品流向检查", 50, Raid, "G-WXPG", "Q-WXPG", 2, &[Hazard]),
    matter("GAJG", "单位内部治安保卫检查", 30, Open, "", "", 1, &[School, Clinic, Fuel, GasSupply]),
    matter("WGLY", "娱乐演出放映经营检查", 40, Raid, "", "Q-WHZF", 2, &[Leisure]),
    matter("WGLY", "上网服务场所实名上网检查", 30, Raid, "G-SMDJ", "Q-WHZF", 2, &[NetCafe]),
    matter("WGLY", "文旅经营许可亮证检查", 10, Open, "G-ZZLZ", "", 1, &[Leisure, NetCafe, Lodging]),
    matter("JYTY", "校园疏散设施检查", 25, Open, "G-SSTD", "", 1, &[School]),
    matter("JYTY", "校外培训行为检查", 50, Raid, "", "Q-XWPX", 1, &[Training]),
    matter("JYTY", "办学条件与收费公示检查", 60, Told, "", "", 1, &[School]).season((9, 10), (12, 20)),
    matter("ZFJS", "在建工程质量安全检查", 80, Raid, "G-ZTZR", "Q-JSJD", 2, &[Site]).expert("E-GCJG"),
    matter("ZFJS", "工资专用账户检查", 30, Told, "G-YGGZ", "", 1, &[Site]),
    matter("ZFJS", "燃气经营与使用安全检查", 30, Open, "", "Q-RQGL", 1, &[GasSupply, GasKitchen]),
    matter("ZFJS", "物业配电与公共设施检查", 30, Open, "G-YDAQ", "", 1, &[Estate]),
    matter("ZFJS", "排水许可检查", 25, Open, "G-WSPF", "", 1, &[Dining, Discharge, Beauty, Repair]),
    matter("JTYS", "道路运输企业安全检查", 45, Open, "G-ZTZR", "Q-DLYS", 1, &[Road]),
    matter("JTYS", "危货车辆与罐体检查", 45, Raid, "G-WXPG", "Q-DLYS", 1, &[RoadHazard]),
    matter("JTYS", "机动车维修经营检查", 35, Open, "", "Q-DLYS", 1, &[Repair]),
    matter("NYNC", "养殖防疫与投入品检查", 45, Told, "", "Q-DWFY", 1, &[Farm]),
    matter("NYNC", "农药兽药种子经营检查", 35, Raid, "", "", 2, &[FarmShop]),
    matter("NYNC", "畜禽粪污处理检查", 30, Open, "G-WSPF", "", 1, &[Farm]),
    matter("RSSB", "劳动合同与工资支付检查", 35, Told, "G-YGGZ", "Q-LDJC", 1, &[Plant, Site, Agency]),
    matter("RSSB", "社会保险参保核查", 30, Paper, "", "", 1, &[Plant, Agency]),
    matter("ZRZY", "采矿与建设用地批后检查", 50, Told, "", "Q-KCZY", 1, &[Mine, Site]),
    matter("CGZF", "餐厨废弃物收运台账检查", 20, Open, "G-FWTZ", "", 1, &[Dining]),
    matter("CGZF", "门前秩序与户外招牌检查", 15, Raid, "", "", 2, &[Dining, Shop, Repair]),
    matter("MZJ", "养老机构服务质量检查", 60, Open, "", "Q-YLFW", 1, &[Care]),
    matter("SLJ", "取水许可与计量检查", 40, Told, "", "Q-SZZF", 1, &[Water]).season((4, 1), (10, 31)),
    matter("SWJ", "成品油零售经营检查", 35, Raid, "", "Q-CPYJ", 1, &[Fuel]),
    matter("SWJ", "单用途预付卡备案检查", 25, Open, "", "", 1, &[Beauty, Training]),
    matter("YCZM", "烟草专卖零售检查", 25, Raid, "", "Q-YCZM", 2, &[Tobacco]),
    matter("YCZM", "禁止向未成年人售烟检查", 10, Raid, "G-WCNR", "", 2, &[Tobacco]),
    matter("QXJ", "防雷装置定期检测检查", 30, Open, "G-FLAQ", "Q-FLJC", 1, &[Fuel, Hazard])
        .season((3, 1), (10, 31)),
    matter("FGW", "粮食收购与库存检查", 45, Told, "", "Q-LSLT", 1, &[Grain]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_whole() {
        assert_eq!((OFFICES.len(), MATTERS.len(), GROUPS.len()), (20, 64, 12));
        for matter in MATTERS {
            let office = OFFICES.iter().find(|o| o.key == matter.office);
            assert!(office.is_some(), "{}", matter.name);
            assert!(
                matter.qual.is_empty() || office.unwrap().quals.iter().any(|q| q.0 == matter.qual),
                "{} needs a certificate that its own people cannot hold",
                matter.name
            );
            assert!(matter.group.is_empty() || GROUPS.iter().any(|g| g.0 == matter.group), "{}", matter.name);
            assert!(
                matter.expert.is_empty() || EXPERTS.iter().any(|e| e.0 == matter.expert),
                "{}",
                matter.name
            );
            assert!(
                TRADES.iter().any(|t| t.traits.iter().any(|x| matter.applies.contains(x))),
                "{} applies to nobody",
                matter.name
            );
        }
        for (group, _) in GROUPS {
            let owners: Vec<_> = MATTERS.iter().filter(|m| m.group == *group).map(|m| m.office).collect();
            assert!(owners.len() > 1, "{group} is asked by one department only");
        }
        for office in OFFICES {
            assert!(MATTERS.iter().any(|m| m.office == office.key), "{} has no item", office.name);
        }
    }
}
