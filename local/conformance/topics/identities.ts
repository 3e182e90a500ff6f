import { claim, get, put, remove, setUp, type Topic } from "../claim";

/** User-assigned managed identities. */
export const identities: Topic = {
  name: "Managed identities",
  minutes: 1,
  steps: ({ group, location }) => {
    const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/lab-reader`;
    return [
      claim("an identity is created at once", put(identity, { location }), { status: 201 }),
      claim("a second PUT changes its tags", put(identity, { location, tags: { owner: "me" } }), {
        status: 200,
        body: { tags: { owner: "me" } },
      }),
      setUp(get(identity)),
      claim("an identity is deleted", remove(identity), { status: 200 }),
      claim("an identity that doesn't exist is deleted without an error", remove(identity), {
        status: 204,
      }),
      claim("an identity that doesn't exist isn't found", get(identity), {
        status: 404,
        code: "ResourceNotFound",
      }),
    ];
  },
};
