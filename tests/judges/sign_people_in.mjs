// A real OpenID provider (npm oidc-provider) with one client and anybody as its users.
// node sign_people_in.mjs CLIENT SECRET REDIRECT_URI: prints its issuer when it answers.
import http from "node:http";
import Provider from "oidc-provider";

const [client, secret, redirect] = process.argv.slice(2);
const server = http.createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: client, client_secret: secret, redirect_uris: [redirect] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["a secret of the test's"] },
    pkce: { required: () => true },
    findAccount: async (_, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, email: `${id}@example.org`, email_verified: id !== "mallory" }),
    }),
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
