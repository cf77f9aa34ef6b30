import { engineContract } from "./engine-contract.ts";
import { memorySubject } from "./memory-subject.ts";

engineContract(memorySubject());
