/**
 * Place of a number in a list that rises, by halving.
 * @param count how many of the list's numbers count, from the first
 * @returns -1 where it is not there
 */
export function placeInSorted(numbers: ArrayLike<number>, number: number, count: number = numbers.length): number {
  let [low, high] = [0, count - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = numbers[middle] ?? 0
    if (found === number) return middle
    if (found < number) low = middle + 1
    else high = middle - 1
  }
  return -1
}
