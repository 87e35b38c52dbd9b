export const en = {
  people: "People", peopleUnits: "Units", peopleNone: "Nobody.", peopleLogin: "Login", peopleName: "Name", peopleRole: "Role", peopleUnit: "Unit", peopleActive: "Works here", peopleSeen: "Last seen", peopleNever: "never", peopleSessions: "Sign-ins", peopleCode: "Code", peopleAbove: "Below",
  peopleHow: "People and units are kept from the command line in this version: acreline people. Nothing can be changed on this page.", peopleTop: "none",
  peopleKind: "Kind", peopleKind_head_office: "head office", peopleKind_region: "region", peopleKind_branch: "branch", peopleKind_outlet: "outlet",
  audit: "Who looked", auditViews: "Looks at people's data", auditNoViews: "Nobody looked.", auditWhen: "When", auditWho: "Who", auditWhom: "Whose data", auditWhat: "What", auditWhy: "Where", auditExports: "Lists taken out", auditNoExports: "Nothing was taken out.", auditRows: "Rows", auditAsked: "As asked",
} as const;

export const zh: Record<keyof typeof en, string> = {
  people: "人员", peopleUnits: "机构", peopleNone: "无人。", peopleLogin: "登录名", peopleName: "姓名", peopleRole: "角色", peopleUnit: "机构", peopleActive: "在职", peopleSeen: "最近在线", peopleNever: "从未", peopleSessions: "登录次数", peopleCode: "代码", peopleAbove: "隶属",
  peopleHow: "本版本中人员与机构由命令行 acreline people 维护，此页不能修改。", peopleTop: "无",
  peopleKind: "类型", peopleKind_head_office: "总行", peopleKind_region: "分行", peopleKind_branch: "支行", peopleKind_outlet: "网点",
  audit: "查阅记录", auditViews: "对个人数据的查阅", auditNoViews: "无人查阅。", auditWhen: "时间", auditWho: "查阅人", auditWhom: "谁的数据", auditWhat: "内容", auditWhy: "途径", auditExports: "导出的列表", auditNoExports: "没有导出。", auditRows: "行数", auditAsked: "请求",
};
