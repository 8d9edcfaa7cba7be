/** Prometheus's text format (version 0.0.4), for its node exporter's textfile collector or anything that scrapes a file. */

import type { RunNumbers } from '../../core/status.ts'
import { type Measurement, measurementsOf } from './measurements.ts'

/** One gauge a measurement, labelled with the run and, where it has one, the iteration (-1: the base). */
export function renderPrometheus(status: RunNumbers): string {
  const families = new Map<string, Measurement[]>()
  for (const measurement of measurementsOf(status)) {
    const family = families.get(measurement.name)
    if (family) family.push(measurement)
    else families.set(measurement.name, [measurement])
  }
  return [...families].map(([name, family]) => renderFamily(`spendwise_${name}`, family, status.name)).join('')
}

function renderFamily(name: string, family: readonly Measurement[], run: string): string {
  const lines = family.map(({ iteration, value }) => {
    const labels = [`run="${escapeLabel(run)}"`, ...(iteration === null ? [] : [`iteration="${iteration}"`])]
    return `${name}{${labels.join(',')}} ${value}\n`
  })
  return `# HELP ${name} ${family[0]?.help}\n# TYPE ${name} gauge\n${lines.join('')}`
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
