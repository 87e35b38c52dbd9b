export const en = {
  portfolio: "Portfolio", portfolioBy: "By", portfolioBy_branch: "Unit", portfolioBy_crop: "Crop", portfolioBy_class: "Loan class", portfolioBy_product: "Product", portfolioBy_status: "State of the look",
  portfolioDay: "As of", portfolioShow: "Show", portfolioNone: "Nothing within your reach on that day.", portfolioOf: "As of {day}. Sums are by currency and never across.", portfolioNoKey: "of none",
  portfolioParcels: "Parcels", portfolioArea: "Area, ha", portfolioAtRisk: "At risk", portfolioVisits: "To visit", portfolioFacilities: "Facilities", portfolioAccounts: "Accounts",
  portfolioCurrency: "Currency", portfolioSanctioned: "Sanctioned", portfolioOutstanding: "Outstanding", portfolioOverdue: "Overdue", portfolioRiskMoney: "Outstanding at risk", portfolioProposed: "Proposed", portfolioDecided: "Decided", portfolioUnknown: "Unknown",
  portfolioChart: "Parcels by group, and those at risk", portfolioCaption: "The table below holds the same figures.", portfolioCounts: "Counts", portfolioMoney: "Amounts",
  portfolioNotes: "At risk: a live alert of warning or action. Proposed: waiting proposals. Decided: the last approval of each subject. Unknown: accounts whose balance is not known; they are in no sum. By class and product a parcel counts once in each group that it backs.",
  portfolioTake: "Take out", portfolioTakeTable: "This table", portfolioTakeParcels: "Parcels", portfolioTakeFacilities: "Facilities", portfolioTaken: "Who takes a file out is written down. Files hold no names of people.", portfolioTakeFile: "{what} as {kind}",
} as const;

export const zh: Record<keyof typeof en, string> = {
  portfolio: "贷款组合", portfolioBy: "按", portfolioBy_branch: "机构", portfolioBy_crop: "作物", portfolioBy_class: "贷款分类", portfolioBy_product: "产品", portfolioBy_status: "观测状态",
  portfolioDay: "截至", portfolioShow: "显示", portfolioNone: "该日您的范围内没有数据。", portfolioOf: "截至{day}。金额按币种分别合计，绝不混合。", portfolioNoKey: "无归属",
  portfolioParcels: "地块", portfolioArea: "面积，公顷", portfolioAtRisk: "有风险", portfolioVisits: "需走访", portfolioFacilities: "授信", portfolioAccounts: "账户",
  portfolioCurrency: "币种", portfolioSanctioned: "批准额", portfolioOutstanding: "余额", portfolioOverdue: "逾期", portfolioRiskMoney: "风险余额", portfolioProposed: "建议额度", portfolioDecided: "已定额度", portfolioUnknown: "不详",
  portfolioChart: "各组地块数及有风险地块数", portfolioCaption: "下表为相同数据。", portfolioCounts: "数量", portfolioMoney: "金额",
  portfolioNotes: "有风险：有“警告”或“行动”级未了预警。建议额度：待定建议。已定额度：每个主体的最近一次批准。不详：余额未知的账户，不计入合计。按分类和产品统计时，地块在其所支持的每组中各计一次。",
  portfolioTake: "导出", portfolioTakeTable: "本表", portfolioTakeParcels: "地块", portfolioTakeFacilities: "授信", portfolioTaken: "导出文件者将被记录。文件不含个人姓名。", portfolioTakeFile: "{what}（{kind}文件）",
};
