/** Names that hold secrets, or the bookkeeping of a version control; they are never read, whatever was asked for. */
const SECRET_NAME =
  /^(?:\.env(?:\..*|rc)?|.*\.env|\.envrc|\.npmrc|\.pypirc|\.netrc|_netrc|\.git-credentials|\.htpasswd|\.pgpass|\.my\.cnf|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|.*\.(?:pem|key|p8|p12|pfx|pkcs12|jks|keystore|kdbx|ppk|asc|gpg|pgp|age|ovpn|tfstate|tfvars)|credentials(?:\.\w+)?|secrets?\.(?:ya?ml|json|toml|txt|csv)|service[-_]account.*\.json)$/i;
const SECRET_FOLDER = /^\.(?:git|hg|svn|bzr|ssh|gnupg|aws|azure|kube|docker|gennaker)$/i;

/** Whether a file of this name may hold a key or a password. */
export function isSecretFile(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Whether a folder of this name holds keys, or the history of a repository. */
export function isSecretFolder(name: string): boolean {
  return SECRET_FOLDER.test(name);
}
