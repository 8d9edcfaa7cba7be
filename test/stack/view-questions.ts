/** Five questions to the viewer, answered as a person would who has read nothing: by what can be seen on a page, a click at a time. */

import type { Locator, Page } from 'playwright-core'
import { settle } from './view-stage.ts'

/** What it took to answer. */
export interface Answered {
  /** What was read on the page in the end. */
  readonly said: string
  readonly clicks: number
  readonly seconds: number
}

export interface ViewQuestion {
  readonly question: string
  /** Begins at the list of runs. */
  readonly find: (person: Person) => Promise<string>
}

/** Somebody who clicks on words that are in sight, and reads. */
export interface Person {
  readonly page: Page
  /** A click on a link, a button, a filter or a row, named by what it says. */
  click(what: Locator): Promise<void>
  choose(list: string, value: string): Promise<void>
  read(what: Locator): Promise<string>
}

export async function answer(page: Page, { find }: ViewQuestion): Promise<Answered> {
  let clicks = 0
  const startedAt = performance.now()
  const done = async (): Promise<void> => {
    clicks++
    await settle(page)
  }
  const person: Person = {
    page,
    async click(what) {
      // Nothing that a person would have to scroll to, or could not see, is clicked on by luck.
      await what.first().scrollIntoViewIfNeeded()
      await what.first().click()
      await done()
    },
    async choose(list, value) {
      const select = page.getByLabel(list, { exact: true })
      await select.locator('option').first().waitFor({ state: 'attached' })
      const options = await select.locator('option').allInnerTexts()
      const label = options.find((text) => text.trim().endsWith(value))
      if (label === undefined) throw new Error(`${list} has no ${value}: ${options.join(', ')}`)
      await select.selectOption({ label: label.trim() })
      await done()
    },
    read: (what) => what.first().innerText(),
  }
  await settle(page)
  const said = await find(person)
  return { said: said.replace(/\s+/g, ' ').trim(), clicks, seconds: (performance.now() - startedAt) / 1000 }
}

/** @param run name of a finished run of several iterations @param last its last iteration */
export function questionsTo(run: string, last: number): readonly ViewQuestion[] {
  const open = (person: Person): Promise<void> => person.click(person.page.getByRole('link', { name: run }))
  const tab = (person: Person, name: string): Promise<void> =>
    person.click(person.page.getByRole('navigation').getByRole('link', { name, exact: true }))
  const incorrect = async (person: Person): Promise<void> => {
    await open(person)
    await tab(person, 'Traces')
    await person.click(person.page.locator('label').filter({ hasText: /^incorrect/ }))
    await person.click(person.page.locator('a.row'))
  }
  return [
    {
      question: `Which problems flipped between iteration 0 and ${last}?`,
      async find(person) {
        await open(person)
        await tab(person, 'Diff')
        await person.choose('A', 'iteration 0')
        await person.read(person.page.locator('.lead'))
        return person.read(person.page.locator('.diff-rows tbody tr, .quiet'))
      },
    },
    {
      question: 'Why was this one incorrect?',
      async find(person) {
        await incorrect(person)
        return person.read(person.page.getByText(/does not equal the gold answer/))
      },
    },
    {
      question: 'What does the model answer instead, on a problem that it rarely solves?',
      async find(person) {
        await open(person)
        await tab(person, 'Problems')
        await person.click(person.page.locator('table a'))
        return person.read(person.page.locator('.answer-bars'))
      },
    },
    {
      question: 'What exactly was sent to the model, and with which seed?',
      async find(person) {
        await incorrect(person)
        await person.click(person.page.getByText('Prompt as sent'))
        const seed = person.page.locator('.facts div').filter({ hasText: /^seed/ })
        return `${await person.read(person.page.locator('.prompt pre'))} | ${await person.read(seed)}`
      },
    },
    {
      question: 'What did the last iteration change, and what did it cost?',
      async find(person) {
        await open(person)
        const row = person.page
          .locator('tr')
          .filter({ has: person.page.getByRole('link', { name: 'changed' }) })
          .last()
        const cost = await person.read(row)
        await person.click(row.getByRole('link', { name: 'changed' }))
        return `${cost} | ${await person.read(person.page.locator('.lead'))}`
      },
    },
  ]
}
