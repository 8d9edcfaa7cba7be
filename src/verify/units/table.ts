/** Units whose sizes are exact by definition and that a units library lacks or rounds: customary volumes, money, months, angles. */

/** Powers of base dimensions. */
export type Dimensions = Readonly<Record<string, number>>

export interface UnitEntry {
  readonly dimensions: Dimensions
  /** Size in SI base units (m, kg, s, A, K, mol), as a quotient of whole numbers: `381/1250`. */
  readonly size: string
  /** Added before the size is applied: 273.15 for degrees Celsius. */
  readonly offset?: string
}

const LENGTH = { length: 1 }
const VOLUME = { length: 3 }
const MASS = { mass: 1 }
const TIME = { time: 1 }
const DATA = { data: 1 }

// names = size
const LISTS: readonly (readonly [dimensions: Dimensions, units: string])[] = [
  [
    LENGTH,
    'm meter metre meters metres=1|mm millimeter millimetre=1/1000|cm centimeter centimetre=1/100|dm decimeter=1/10|km kilometer kilometre kms=1000|in inch inches=127/5000|ft foot feet=381/1250|yd yard=1143/1250|mi mile=201168/125|nmi=1852',
  ],
  [
    MASS,
    'g gram gm gms=1/1000|mg milligram=1/1000000|kg kilogram kgs kilo=1|lb lbs pound=45359237/100000000|oz ounce=45359237/1600000000|tonne=1000',
  ],
  [
    VOLUME,
    'l L liter litre=1/1000|ml mL milliliter millilitre=1/1000000|cl cL=1/100000|dl dL=1/10000|gal gallon=473176473/125000000000|qt quart=473176473/500000000000|pt pint=473176473/1000000000000|cup=473176473/2000000000000|cc=1/1000000',
  ],
  [TIME, 's sec second secs=1|min minute mins=60|h hr hour hrs=3600|day days=86400|week wk=604800'],
  [{ months: 1 }, 'month mo=1|year yr yrs=12|decade=120|century centuries=1200'],
  [{ length: 1, time: -1 }, 'mph=1397/3125|kph kmh kmph=5/18|knot=463/900'],
  [{ angle: 1 }, 'degree deg °=1|arcmin arcminute=1/60|arcsec arcsecond=1/3600'],
  [{ data: 1 }, 'bit=1|byte=8'],
  [DATA, 'kB KB=8192|MB=8388608|GB=8589934592|TB=8796093022208'],
  [{ length: 2, mass: 1, time: -2 }, 'cal calorie=523/125|kcal kilocalorie=4184'],
  [{ 'money:USD': 1 }, 'dollar buck USD usd US$=1|cent penny pennies=1/100|dime=1/10|nickel=1/20'],
  [{ 'money:EUR': 1 }, 'euro EUR eur €=1'],
  [{ 'money:GBP': 1 }, 'GBP gbp £ quid=1|pence=1/100'],
  [{ 'money:JPY': 1 }, 'yen JPY jpy=1'],
  [{ 'money:CNY': 1 }, 'yuan CNY RMB rmb cny=1|jiao=1/10|fen=1/100'],
  [{ 'money:INR': 1 }, 'rupee INR inr ₹ Rs rs=1|paise paisa=1/100'],
  [{ 'money:KRW': 1 }, 'won KRW=1'],
  [{ 'money:RUB': 1 }, 'ruble rouble RUB=1'],
  [{ 'money:AUD': 1 }, 'AUD=1'],
  [{ 'money:CAD': 1 }, 'CAD=1'],
  [{ 'money:CHF': 1 }, 'CHF franc=1'],
  [{ 'money:BRL': 1 }, 'BRL reais=1'],
  [{ 'money:MXN': 1 }, 'MXN peso=1'],
  [{ 'money:SEK': 1 }, 'SEK krona kronor=1'],
]

const TEMPERATURES: readonly (readonly [string, UnitEntry])[] = [
  ...['°C', 'celsius', 'degC', '℃'].map(
    (name) => [name, { dimensions: { temperature: 1 }, size: '1', offset: '5463/20' }] as const,
  ),
  ...['°F', 'fahrenheit', 'degF', '℉'].map(
    (name) => [name, { dimensions: { temperature: 1 }, size: '5/9', offset: '45967/100' }] as const,
  ),
  ...['K', 'kelvin'].map((name) => [name, { dimensions: { temperature: 1 }, size: '1' }] as const),
]

export const UNIT_TABLE: ReadonlyMap<string, UnitEntry> = new Map<string, UnitEntry>([
  ...LISTS.flatMap(([dimensions, units]) =>
    units.split('|').flatMap((unit) => {
      const [names = '', size = '1'] = unit.split('=')
      return names.split(' ').map((name) => [name, { dimensions, size }] as const)
    }),
  ),
  ...TEMPERATURES,
])

/** Counters and units of Chinese, Japanese and Korean, as the unit that they are; `''` where they only count. */
export const CJK_UNITS: ReadonlyMap<string, string> = new Map([
  ...'个 個 人 名 位 本 枚 匹 头 只 条 張 张 台 辆 回 次 种 種 组 組 对 件 家 间 根 棵 朵 颗 粒 块 片 页 頁 班 桌 题 題 分 点 通り 通 つ 歳 岁 倍数 개 명 마리 번 가지 개월수 살 대 권 장 쌍 种方法 种不同的方法 个数 人数'
    .split(' ')
    .map((name) => [name, ''] as const),
  ['元', 'CNY'],
  ['角', 'jiao'],
  ['块钱', 'CNY'],
  ['円', 'JPY'],
  ['원', 'KRW'],
  ['美元', 'USD'],
  ['欧元', 'EUR'],
  ['米', 'm'],
  ['厘米', 'cm'],
  ['分米', 'dm'],
  ['毫米', 'mm'],
  ['千米', 'km'],
  ['公里', 'km'],
  ['里', 'li'],
  ['克', 'g'],
  ['千克', 'kg'],
  ['公斤', 'kg'],
  ['吨', 'tonne'],
  ['升', 'L'],
  ['毫升', 'mL'],
  ['秒', 's'],
  ['分钟', 'min'],
  ['分間', 'min'],
  ['小时', 'h'],
  ['時間', 'h'],
  ['시간', 'h'],
  ['天', 'day'],
  ['日', 'day'],
  ['일', 'day'],
  ['年', 'year'],
  ['月', 'month'],
  ['个月', 'month'],
  ['度', 'degree'],
  ['平方米', 'm^2'],
  ['平方厘米', 'cm^2'],
  ['平方分米', 'dm^2'],
  ['平方千米', 'km^2'],
  ['立方米', 'm^3'],
  ['立方厘米', 'cm^3'],
  ['立方分米', 'dm^3'],
  ['米每秒', 'm/s'],
  ['千米每小时', 'km/h'],
])

/** Powers of ten of Chinese, Japanese and Korean. */
export const CJK_SCALES: ReadonlyMap<string, string> = new Map([
  ['百', '100'],
  ['千', '1000'],
  ['万', '10000'],
  ['萬', '10000'],
  ['만', '10000'],
  ['亿', '100000000'],
  ['億', '100000000'],
  ['억', '100000000'],
])
