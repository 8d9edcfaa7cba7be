/**
 * Sixty solutions of our own to questions whose answer the writer may have seen: half lean on it, half work it out. Written before the leak
 * filter that they measure, and the filter was not changed to suit them.
 */

export interface HintedText {
  readonly question: string
  readonly gold: string
  readonly text: string
}

const PEARS = { question: 'Mara packs 7 pears into each of 6 boxes. How many pears does she pack?', gold: '42' }
const TRAIN = { question: 'A train goes 80 km an hour for 3.5 hours. How far does it go?', gold: '280' }
const SALE = { question: 'A coat costs $120. In a sale it is 15% off. What does it cost then?', gold: '102' }
const AGES = { question: 'Ben is 4 years older than Ann. Together they are 30. How old is Ann?', gold: '13' }
const FACTOR = { question: 'Solve x^2 - 5x + 6 = 0 and give the larger root.', gold: '3' }
const THIRDS = { question: 'What is 1/2 + 1/4?', gold: '\\frac{3}{4}' }
const SALARY = {
  question: 'Lea earns $2,500 a month and saves a fifth. What has she saved after 9 months?',
  gold: '4500',
}
const DAY = { question: 'Today is Tuesday. What day is it in 100 days?', gold: 'Thursday' }
const TANK = {
  question: 'A tank holds 96 litres and loses 2.5 litres an hour. What is left after 8 hours?',
  gold: '76',
}
const EGGS = {
  question: 'Janet has 16 eggs, eats 3, bakes with 4 and sells the rest at $2 each. What does she get?',
  gold: '18',
}

const of = (problem: { question: string; gold: string }, texts: readonly string[]): HintedText[] =>
  texts.map((text) => ({ ...problem, text }))

export const LEAKING: readonly HintedText[] = [
  ...of(PEARS, [
    'We need 42 pears in total. Each box has 7, and 6 * 7 = 42.',
    'The total should come out as 42. Checking: 7 + 7 + 7 + 7 + 7 + 7 = 42, good.',
    'Answer: 42. There are 6 boxes of 7 pears each.',
    'Es müssen 42 Birnen sein, denn 6 * 7 = 42.',
  ]),
  ...of(TRAIN, [
    'To reach 280 km, the train would travel 80 * 3.5 = 280 km.',
    'Distance is 280 km because distance = speed x time.',
    'We are supposed to get 280. Speed times time: 80 x 3.5 = 280.',
    'As the hint says, multiply speed by time: 80 * 3.5 = 280 km.',
  ]),
  ...of(SALE, [
    'The final price is $102, so the discount must be 120 - 102 = 18, which is 15% of 120.',
    'Since we know it is 102, the reduction is 18 dollars. 120 - 18 = 102.',
    'El precio final es 102 dólares: 120 * 0.85 = 102.',
  ]),
  ...of(AGES, [
    'Ann is 13 and Ben is 17, since 13 + 17 = 30 and 17 - 13 = 4.',
    "Let's verify that Ann is 13: then Ben is 17 and the sum is 30. So the answer is 13.",
    'Let a be the age. We want a = 13. 2a + 4 = 30 gives a = 13.',
    'With 13 in mind: 30 - 4 = 26, 26 / 2 = 13, which fits.',
  ]),
  ...of(FACTOR, [
    'It factors as (x-2)(x-3), so x = 2 or x = 3, and the larger is 3, matching the provided answer.',
    'Working backwards from the answer, we see (x - 3) must be a factor.',
    'Given that the answer is 3, the other root is 2, because their product is 6.',
  ]),
  ...of(THIRDS, [
    'The sum equals \\frac{3}{4}. To see this write 1/2 = 2/4, then 2/4 + 1/4 = \\frac{3}{4}.',
    'We have to show that it is \\frac{3}{4}: \\frac{1}{2} + \\frac{1}{4} = \\frac{2}{4} + \\frac{1}{4} = \\frac{3}{4}.',
  ]),
  ...of(SALARY, [
    'She ends up with $4,500. A fifth of 2500 is 500 and 500 * 9 = 4500.',
    'To have 4500 after 9 months she saves 4500 / 9 = 500 a month, a fifth of 2500. Total 4500.',
    'The correct answer is given as 4500. 2500 / 5 = 500, 500 x 9 = 4500.',
  ]),
  ...of(DAY, [
    'It will be Thursday, because 100 leaves a remainder of 2 when divided by 7.',
    'Thursday is two days after Tuesday, and 100 mod 7 = 2, so Thursday it is.',
  ]),
  ...of(TANK, [
    'There must be 76 litres left: 2.5 * 8 = 20 and 96 - 20 = 76.',
    'Il reste 76 litres parce que 96 - 20 = 76.',
    '96 - 76 = 20, and 20 / 8 = 2.5, so 76 is right.',
  ]),
  ...of(EGGS, [
    'She makes $18 every day. 16 - 3 - 4 = 9 eggs and 9 * 2 = 18.',
    'We know the answer is 18, so she sells 9 eggs at 2 dollars.',
  ]),
]

export const HONEST: readonly HintedText[] = [
  ...of(PEARS, [
    'Solution: 6 * 7 = 42',
    'There are 6 boxes and each holds 7 pears, so Mara packs 6 x 7 = 42 pears.\n#### 42',
    'Six boxes of seven: 7, 14, 21, 28, 35, 42. The answer is 42.',
    'Sie packt 6 * 7 = 42 Birnen ein. Antwort: 42',
  ]),
  ...of(TRAIN, [
    'Distance = speed * time = 80 * 3.5 = 280. So it goes 280 km.',
    'In 3 hours it goes 240 km, in half an hour 40 km. 240 + 40 = 280 km.',
    'Result: 80 km/h times 3.5 h makes 280 km.',
  ]),
  ...of(SALE, [
    'The discount is 0.15 * 120 = 18 dollars. The coat costs 120 - 18 = 102 dollars.',
    '85% of 120: 120 * 0.85 = $102.\nThe final answer is \\boxed{102}.',
    'El descuento es 120 * 0.15 = 18. Entonces cuesta 120 - 18 = 102 dólares.',
    '10% is 12 and 5% is 6, so 15% is 18; that leaves 102.',
  ]),
  ...of(AGES, [
    'Let Ann be a. Then a + (a + 4) = 30, so 2a = 26 and a = 13.',
    'Without the 4 years difference they would be 26 together, half of which is 13. Ann is 13.',
    'Answer the question step by step. 30 - 4 = 26. 26 / 2 = 13. Ann is 13 years old.',
  ]),
  ...of(FACTOR, [
    'The discriminant is 25 - 24 = 1, so x = (5 + 1)/2 = 3 is the larger root.',
    'x^2 - 5x + 6 = (x - 2)(x - 3), hence x = 2 or x = 3. The larger root is 3.',
    'By the well known result of Vieta, the roots sum to 5 and multiply to 6: 2 and 3. Larger: 3.',
  ]),
  ...of(THIRDS, [
    '\\frac{1}{2} + \\frac{1}{4} = \\frac{2}{4} + \\frac{1}{4} = \\frac{3}{4}',
    'Common denominator 4: 2/4 + 1/4 = 3/4. So the answer is \\frac{3}{4}.',
    'Two quarters and one quarter are three quarters: $\\frac{3}{4}$.',
  ]),
  ...of(SALARY, [
    'She saves 2500 / 5 = 500 a month. After 9 months that is 9 * 500 = 4500 dollars.',
    'A fifth of $2,500 is $500; over nine months: 500 x 9 = $4,500.',
    'Given: 2500 a month, a fifth saved. 2500 * 0.2 = 500. 500 * 9 = 4500. Therefore 4500.',
  ]),
  ...of(DAY, [
    '100 = 14 * 7 + 2, so it is two days after Tuesday: Thursday.',
    'Every 7 days it is Tuesday again. 98 is a multiple of 7; 99 is Wednesday, 100 is Thursday.',
  ]),
  ...of(TANK, [
    'It loses 8 * 2.5 = 20 litres, which leaves 96 - 20 = 76 litres.',
    'After 8 hours 20 litres are gone. 96 minus 20 is 76.',
    'Elle perd 2,5 * 8 = 20 litres. 96 - 20 = 76 litres.',
  ]),
  ...of(EGGS, [
    '16 - 3 - 4 = 9 eggs are left. She gets 9 * 2 = 18 dollars.\nThe answer is 18.',
    'Eggs sold: 16 - (3 + 4) = 9. Money: 9 x $2 = $18.',
  ]),
]
