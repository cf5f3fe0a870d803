// The main job once more, with the root's journal in PostgreSQL.
import { there } from './lib/postgres.js';

process.env.FOYER_LOG = 'postgres';
if (there) await import('./checkin.test.js');
