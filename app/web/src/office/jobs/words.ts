/** Words of jobs. */
export const en = {
  work_queued: "waits for a worker",
  work_running: "{step} ({done} of {all})",
  work_runningAny: "is being worked on",
  work_done: "done",
  work_failed: "failed: {why}",
  work_cancelled: "cancelled",
} as const;

export const zh: Record<keyof typeof en, string> = {
  work_queued: "等待处理",
  work_running: "{step}（共{all}步，已完成{done}步）",
  work_runningAny: "正在处理",
  work_done: "完成",
  work_failed: "失败：{why}",
  work_cancelled: "已取消",
};
