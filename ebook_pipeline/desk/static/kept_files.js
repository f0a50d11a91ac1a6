// Files that are under way, kept in this browser (IndexedDB) so that a reload or a crash goes on.
// A browser that keeps none of the bytes still keeps which file it was.
const STORE = "uploads";

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("ebooks-desk", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "job" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(mode, work) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const asked = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

export async function keep(entry) {
  try {
    await within("readwrite", (store) => store.put(entry));
  } catch {
    const { file, ...facts } = entry;
    await within("readwrite", (store) => store.put(facts)).catch(() => {});
  }
}

export function forget(job) {
  return within("readwrite", (store) => store.delete(job)).catch(() => {});
}

export function kept() {
  return within("readonly", (store) => store.getAll()).catch(() => []);
}
