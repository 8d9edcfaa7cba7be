/** The manifest of a Ray cluster on Kubernetes: its fields are those of KubeRay's `ray.io/v1`, and what it names is there. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'

interface Template {
  readonly spec: {
    readonly containers: readonly {
      readonly image: string
      readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
    }[]
    readonly volumes: readonly {
      readonly name: string
      readonly persistentVolumeClaim?: { readonly claimName: string }
    }[]
  }
}

/** Of ray-project/kuberay, ray-operator/apis/ray/v1/raycluster_types.go, and docs.ray.io, "KubeRay CRD API reference" (1.6.2). */
const FIELDS = {
  spec: {
    known: [
      'headGroupSpec',
      'workerGroupSpecs',
      'rayVersion',
      'enableInTreeAutoscaling',
      'autoscalerOptions',
      'authOptions',
      'suspend',
    ],
    needed: ['headGroupSpec'],
  },
  head: {
    known: ['serviceType', 'headService', 'enableIngress', 'rayStartParams', 'template'],
    needed: ['rayStartParams', 'template'],
  },
  worker: {
    known: [
      'groupName',
      'replicas',
      'minReplicas',
      'maxReplicas',
      'numOfHosts',
      'idleTimeoutSeconds',
      'rayStartParams',
      'template',
      'scaleStrategy',
    ],
    needed: ['groupName', 'minReplicas', 'maxReplicas', 'rayStartParams', 'template'],
  },
  autoscaler: {
    known: [
      'resources',
      'image',
      'imagePullPolicy',
      'env',
      'envFrom',
      'volumeMounts',
      'securityContext',
      'idleTimeoutSeconds',
      'upscalingMode',
      'version',
    ],
    needed: [],
  },
  auth: { known: ['mode', 'secretName', 'enableK8sTokenAuth'], needed: [] },
} as const

const text = readFileSync(new URL('../../recipes/kubernetes/raycluster.yaml', import.meta.url), 'utf8')
const [claim, cluster] = parseAllDocuments(text).map((document) => document.toJS())
const { spec } = cluster
const [worker] = spec.workerGroupSpecs

test.each([
  ['spec', spec],
  ['head', spec.headGroupSpec],
  ['worker', worker],
  ['autoscaler', spec.autoscalerOptions],
  ['auth', spec.authOptions],
] as const)('the fields of %s are KubeRay’s, and those that it needs are there', (name, part) => {
  const { known, needed } = FIELDS[name]
  expect(Object.keys(part).filter((key) => !(known as readonly string[]).includes(key))).toEqual([])
  expect(needed.filter((key) => !(key in part))).toEqual([])
})

test('parameters of `ray start` are texts, as the schema has them', () => {
  const values = [spec.headGroupSpec, worker].flatMap(({ rayStartParams }) => Object.values(rayStartParams))
  expect(values.filter((value) => typeof value !== 'string')).toEqual([])
})

test('head and workers have one image, with the Ray that the cluster says, and mount what they name', () => {
  const templates: Template[] = [spec.headGroupSpec.template, worker.template]
  const images = templates.flatMap(({ spec: { containers } }) => containers.map(({ image }) => image))
  expect(new Set(images).size).toBe(1)
  expect(images[0]).toContain(spec.rayVersion)
  for (const { spec: pod } of templates) {
    const volumes = pod.volumes.map(({ name }) => name)
    expect(pod.containers.flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name)).sort()).toEqual(
      volumes.sort(),
    )
    expect(pod.volumes.find(({ name }) => name === 'shared')?.persistentVolumeClaim?.claimName).toBe(
      claim.metadata.name,
    )
  }
})
