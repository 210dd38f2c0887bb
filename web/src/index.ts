export type { ClientSettings } from "./client-settings.js";
export {
  arrayOf,
  bool,
  Column,
  type ColumnType,
  date,
  float4,
  float8,
  int2,
  int4,
  int8,
  json,
  jsonb,
  numeric,
  other,
  text,
  time,
  timestamp,
  timestamptz,
  uuid,
  type ValueOf,
} from "./column.js";
export {
  type AnyEntity,
  defineEntity,
  type Entity,
  type InsertOf,
  type KeyOf,
  type RowOf,
  type UpdateOf,
  type Values,
} from "./entity.js";
export type { Environment } from "./environment.js";
export { type ErrorCode, SyncClientError } from "./errors.js";
export type { Json, JsonMembers } from "./json.js";
export type { LiveQuery } from "./query/live-query.js";
export type { Order, Query } from "./query/query.js";
export type { Cleanup } from "./rows/cleanup.js";
export type { Electric } from "./rows/electric.js";
export type { Local } from "./rows/local.js";
export type { Merged } from "./rows/merged.js";
export type { Rows } from "./rows/rows.js";
export type { GuestData } from "./session/guest-move.js";
export { subject, type TokenSupplier } from "./session/tokens.js";
export type { StreamStatus } from "./stream/shape-follower.js";
export { SyncManager } from "./sync-manager.js";
export type { SyncStatus } from "./sync-status.js";
export type { BatchLimits } from "./write-buffer/next-batch.js";
export type { UploadStatus } from "./write-buffer/uploader.js";
export type { WriteChange } from "./write-buffer/wire.js";
export type { DeadLetter, EditConflict, WriteBuffer, WriteBufferStats } from "./write-buffer/write-buffer.js";
export type { WriteHandle, WriteState } from "./write-buffer/write-handle.js";
export type { Together } from "./writes.js";
