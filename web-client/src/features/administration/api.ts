/** The calls of the hub for administrators. */

import { answered, http } from '../../wire/http.ts';
import type {
  AppointOfficer,
  ChangeOrganisation,
  FoundOrganisation,
  Health,
  OrganisationList,
  OrganisationMembers,
  OrganisationPage,
  Policy,
  RegisterMember,
  SetPolicy,
} from '../../wire/types.ts';

const of = (organisation: string) => ({ params: { path: { organisation } } });

/** The roots, the children of `parent`, or what bears `search` in its name or code. */
export function readOrganisations(parent: string, search: string): Promise<OrganisationList> {
  const query = { ...(parent ? { parent } : {}), ...(search ? { search } : {}) };
  return answered(http.GET('/api/admin/organisations', { params: { query } }));
}

export function readOrganisation(organisation: string): Promise<OrganisationPage> {
  return answered(http.GET('/api/admin/organisations/{organisation}', of(organisation)));
}

export function readMembers(organisation: string, after: string): Promise<OrganisationMembers> {
  const params = { path: { organisation }, query: after ? { after } : {} };
  return answered(http.GET('/api/admin/organisations/{organisation}/members', { params }));
}

export function found(body: FoundOrganisation): Promise<OrganisationPage> {
  return answered(http.POST('/api/admin/organisations', { body }));
}

export function change(organisation: string, body: ChangeOrganisation): Promise<OrganisationPage> {
  return answered(
    http.PATCH('/api/admin/organisations/{organisation}', { ...of(organisation), body }),
  );
}

export async function dissolve(organisation: string, reason: string): Promise<void> {
  const path = '/api/admin/organisations/{organisation}/dissolution';
  await answered(http.POST(path, { ...of(organisation), body: { reason } }));
}

export async function register(organisation: string, body: RegisterMember): Promise<void> {
  const path = '/api/admin/organisations/{organisation}/members';
  await answered(http.POST(path, { ...of(organisation), body }));
}

export async function appoint(organisation: string, body: AppointOfficer): Promise<void> {
  const path = '/api/admin/organisations/{organisation}/posts';
  await answered(http.POST(path, { ...of(organisation), body }));
}

export async function endPost(post: string, reason: string): Promise<void> {
  const params = { path: { post } };
  await answered(http.POST('/api/admin/posts/{post}/end', { params, body: { reason } }));
}

export async function readPolicies(): Promise<Policy[]> {
  return (await answered(http.GET('/api/admin/policies'))).policies;
}

export async function setPolicy(body: SetPolicy): Promise<void> {
  await answered(http.POST('/api/admin/policies', { body }));
}

export function readHealth(): Promise<Health> {
  return answered(http.GET('/api/admin/health'));
}
